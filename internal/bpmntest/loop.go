package bpmntest

import (
	"fmt"
	"strings"
)

// Loop says how often an activity runs. Texts are as in the file; those with a
// leading "=" are FEEL.
type Loop struct {
	Sequential  bool
	Cardinality string
	// Collection and what follows it are zeebe's.
	Collection    string
	Item          string
	Output        string
	OutputElement string
	// Until is the completion condition.
	Until string
	// Attrs and Ext are attributes and extension elements as they stand, for the
	// dialects of camunda and flowable.
	Attrs, Ext string
	// Inner is what else stands inside, as it stands.
	Inner string
}

// Each makes an activity multi-instance.
func (n *Node) Each(l Loop) *Node {
	var b strings.Builder
	fmt.Fprintf(&b, `<bpmn:multiInstanceLoopCharacteristics isSequential="%v" %s><bpmn:extensionElements>%s`, l.Sequential, l.Attrs, l.Ext)
	if l.Collection != "" {
		fmt.Fprintf(&b, `<zeebe:loopCharacteristics inputCollection="%s"`, escape(l.Collection))
		for _, a := range []struct{ name, value string }{{"inputElement", l.Item}, {"outputCollection", l.Output}, {"outputElement", l.OutputElement}} {
			if a.value != "" {
				fmt.Fprintf(&b, ` %s="%s"`, a.name, escape(a.value))
			}
		}
		b.WriteString(`/>`)
	}
	b.WriteString(`</bpmn:extensionElements>`)
	formal := func(tag, text string) {
		if text != "" {
			fmt.Fprintf(&b, `<bpmn:%s xsi:type="bpmn:tFormalExpression">%s</bpmn:%s>`, tag, escape(text), tag)
		}
	}
	formal("loopCardinality", l.Cardinality)
	formal("completionCondition", l.Until)
	b.WriteString(l.Inner + `</bpmn:multiInstanceLoopCharacteristics>`)
	n.body += b.String()
	return n
}

// While makes an activity a standard loop that goes on while the condition is
// true, tested before or after each turn; a maximum of 0 is none.
func (n *Node) While(condition string, before bool, maximum int) *Node {
	limit := ""
	if maximum > 0 {
		limit = fmt.Sprintf(` loopMaximum="%d"`, maximum)
	}
	if condition != "" {
		condition = fmt.Sprintf(`<bpmn:loopCondition xsi:type="bpmn:tFormalExpression">%s</bpmn:loopCondition>`, escape(condition))
	}
	n.body += fmt.Sprintf(`<bpmn:standardLoopCharacteristics testBefore="%v"%s>%s</bpmn:standardLoopCharacteristics>`, before, limit, condition)
	return n
}

// turns makes an activity run several times.
func (g *generator) turns(s *Scope, depth int) (first, last *Node) {
	var n *Node
	switch g.rnd.IntN(5) {
	case 0:
		n = s.Task(g.id("each")).Out("=choice", g.id("out"))
	case 1:
		n = s.Receive(g.id("each"), "m1", "=key")
	case 2:
		n = s.Sub(g.id("each"))
		in := n.Inside()
		f, l := g.block(in, min(depth-1, 0)) // loops in loops soon are many
		in.Start(g.id("start")).To(f)
		l.To(g.end(in, true))
	case 3:
		if !g.looped && len(g.callable) > 0 {
			g.looped = true // of one call alone: those it calls may loop, too
			n = s.Call(g.id("each"), g.callable[g.rnd.IntN(len(g.callable))]).Out("=choice", g.id("returned"))
			break
		}
		fallthrough
	default:
		n = s.Service(g.id("each"), "work")
	}
	switch l := (Loop{Sequential: g.chance(40)}); {
	case g.chance(20):
		n.While([]string{"=loopCounter < 3", "=choice < 2", "=key"}[g.rnd.IntN(3)], g.chance(50), g.rnd.IntN(2)*3)
	default:
		if g.chance(25) {
			l.Cardinality = []string{"3", "=choice", "=choice + 1"}[g.rnd.IntN(3)]
		} else {
			l.Collection = []string{"=[1,2,3]", `=[choice,"x",key,[]]`, "=order.items", "=[]", "=for i in 1..choice+2 return {n: i}"}[g.rnd.IntN(5)]
			l.Item = g.id("item")
			if g.chance(60) {
				l.Output, l.OutputElement = g.id("results"), []string{"=choice", "=result", "=loopCounter + choice", "=order.items[1]"}[g.rnd.IntN(4)]
			}
		}
		if g.chance(35) {
			l.Until = []string{"=choice = 2", "=loopCounter = 2", "=numberOfCompletedInstances >= 2", "=numberOfActiveInstances + numberOfTerminatedInstances < 2"}[g.rnd.IntN(4)]
		}
		n.Each(l)
	}
	return g.guarded(s, g.watched(s, n))
}

// quantities sends several tokens and gathers them again.
func (g *generator) quantities(s *Scope, depth int) (first, last *Node) {
	n := 2 + g.rnd.IntN(2)
	send := s.Service(g.id("several"), "work").Attr("completionQuantity", fmt.Sprint(n))
	gather := s.Task(g.id("gather")).Attr("startQuantity", fmt.Sprint(n))
	if g.chance(50) {
		split := s.Parallel(g.id("split"))
		gather.Attr("name", "of two flows")
		send.To(split)
		split.To(gather)
		f, l := g.block(s, min(depth-1, 0))
		split.To(f)
		l.To(gather)
		once := s.Task(g.id("again")).Attr("startQuantity", "2")
		gather.To(once)
		return send, once
	}
	f, l := g.block(s, min(depth-1, 0))
	send.To(f)
	l.To(gather)
	return send, gather
}
