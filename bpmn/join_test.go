package bpmn

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// Goal: an inclusive gateway waits for exactly the tokens that BPMN 2.0.2, 13.4.3
// has it wait for. Method: random graphs with loops, boundary events and links,
// tokens at random elements, and the standard's words as a second implementation:
// all directed paths forwards, on the graph as it is drawn.
func TestJoinAgainstTheStandardsWords(t *testing.T) {
	waits, goes := 0, 0
	for seed := range uint64(3000) {
		rnd := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // a test is to be the same each time
		model := randomGraph(rnd)
		defs, problems := Parse("m.bpmn", []byte(model), Options{Deployed: true})
		if defs == nil {
			t.Fatalf("seed %d: %v\n%s", seed, problems, model)
		}
		process := defs.Processes[0]
		for _, j := range process.Joins() {
			for range 5 {
				filled := make([]bool, len(j.Gateway.Incoming))
				for i := range filled {
					filled[i] = rnd.IntN(2) == 0
				}
				at := process.Elements[rnd.IntN(len(process.Elements))]
				got, want := j.Expects(at, filled), naiveExpects(j.Gateway, at, filled)
				if got != want {
					t.Fatalf("seed %d: %s waits for the token at %s with %v filled: %v, but the standard says %v\n%s",
						seed, j.Gateway.ID, at.ID, filled, got, want, model)
				}
				if got {
					waits++
				} else {
					goes++
				}
			}
		}
	}
	if waits < 1000 || goes < 1000 {
		t.Errorf("the graphs prove little: %d waits, %d not", waits, goes)
	}
}

// naiveExpects follows every way of a token forwards until it comes to the
// gateway, which it does not pass.
func naiveExpects(gateway, at *Element, filled []bool) bool {
	toEmpty, toFilled := false, false
	seen := map[*Element]bool{}
	var walk func(e *Element)
	walk = func(e *Element) {
		if seen[e] {
			return
		}
		seen[e] = true
		for _, f := range e.Outgoing {
			if f.Target != gateway {
				walk(f.Target)
				continue
			}
			for i, in := range gateway.Incoming {
				if in == f && filled[i] {
					toFilled = true
				} else if in == f {
					toEmpty = true
				}
			}
		}
		for _, b := range e.Boundary {
			walk(b)
		}
		if e.Type == TypeThrowEvent && kindOf(e) == EventLink {
			for _, c := range e.Scope.Children {
				if c.Type == TypeCatchEvent && kindOf(c) == EventLink && c.Event.LinkName == e.Event.LinkName {
					walk(c)
				}
			}
		}
	}
	walk(at)
	return toEmpty && !toFilled
}

// randomGraph draws flows between random nodes.
func randomGraph(rnd *rand.Rand) string {
	var b strings.Builder
	b.WriteString(`<startEvent id="s"/><intermediateThrowEvent id="lt"><linkEventDefinition name="l"/></intermediateThrowEvent>` +
		`<intermediateCatchEvent id="lc"><linkEventDefinition name="l"/></intermediateCatchEvent>`)
	sources, targets := []string{"s", "lc"}, []string{"lt"}
	for i := range 3 + rnd.IntN(8) {
		id := fmt.Sprintf("n%d", i)
		tag := []string{"inclusiveGateway", "inclusiveGateway", "exclusiveGateway", "parallelGateway", "userTask", "userTask"}[rnd.IntN(6)]
		fmt.Fprintf(&b, `<%s id="%s"/>`, tag, id)
		sources, targets = append(sources, id), append(targets, id)
		if tag == "userTask" && rnd.IntN(2) == 0 {
			fmt.Fprintf(&b, `<boundaryEvent id="b%d" attachedToRef="%s"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>`, i, id)
			sources = append(sources, fmt.Sprintf("b%d", i))
		}
	}
	for i := range len(sources) + rnd.IntN(2*len(sources)) {
		from, to := sources[rnd.IntN(len(sources))], targets[rnd.IntN(len(targets))]
		fmt.Fprintf(&b, `<sequenceFlow id="f%d" sourceRef="%s" targetRef="%s"/>`, i, from, to)
	}
	return inProcess(b.String())
}
