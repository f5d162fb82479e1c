package runner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/weir-bpm/weir/bpmn"
	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/definitions"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// deployer is the one writer of the definitions log. It works like the owner of
// a partition: commands in order, frames behind a fence, effects after the
// append.
type deployer struct {
	cfg       *Config
	cluster   streams.Cluster
	log       *slog.Logger
	resources *definitions.Resources

	index       *definitions.Index
	seq         uint64 // of the newest frame
	hash        events.Hash
	epoch       uint64
	lastCommand uint64
	effectsDone uint64

	status atomic.Pointer[DeployStatus]
}

// DeployStatus is what the writer of the definitions log says about it.
type DeployStatus struct {
	Member     string `json:"member"`
	Seq        uint64 `json:"seq"`
	CommandSeq uint64 `json:"command_seq"`
}

func newDeployer(cfg *Config, cluster streams.Cluster) *deployer {
	return &deployer{cfg: cfg, cluster: cluster, log: cfg.Logger.With("log", "definitions")}
}

// run owns the definitions log until the context ends or another owner shows.
func (w *deployer) run(ctx context.Context) error {
	if err := w.takeOver(ctx); err != nil {
		return err
	}
	defer w.status.Store(nil)
	cons, err := w.cfg.JS.OrderedConsumer(ctx, w.cfg.Names.DeployStream(), jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: w.lastCommand + 1,
	})
	if err != nil {
		return fmt.Errorf("read stream %s: %w", w.cfg.Names.DeployStream(), err)
	}
	msgs, err := cons.Messages()
	if err != nil {
		return fmt.Errorf("read stream %s: %w", w.cfg.Names.DeployStream(), err)
	}
	defer msgs.Stop()
	for {
		w.publishStatus()
		msg, err := msgs.Next(jetstream.NextContext(ctx))
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("read stream %s: %w", w.cfg.Names.DeployStream(), err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			return fmt.Errorf("read stream %s: %w", w.cfg.Names.DeployStream(), err)
		}
		if meta.Sequence.Stream <= w.lastCommand {
			continue
		}
		if err := w.deploy(ctx, msg, meta); err != nil {
			return err
		}
	}
}

func (w *deployer) publishStatus() {
	w.status.Store(&DeployStatus{Member: w.cfg.Member, Seq: w.seq, CommandSeq: w.lastCommand})
}

// takeOver folds the whole log, which is small, and sends again what the last
// owner may not have sent.
func (w *deployer) takeOver(ctx context.Context) error {
	resources, err := definitions.OpenResources(ctx, w.cfg.JS, w.cfg.Names, w.cfg.Setup)
	if err != nil {
		return err
	}
	w.resources, w.index = resources, definitions.NewIndex()
	w.seq, w.hash, w.epoch, w.lastCommand, w.effectsDone = 0, events.Hash{}, 0, 0, 0
	name := w.cfg.Names.DefinitionStream()
	stream, err := w.cfg.JS.Stream(ctx, name)
	if err != nil {
		return fmt.Errorf("open stream %s: %w", name, err)
	}
	last := stream.CachedInfo().State.LastSeq
	var frames []streams.Entry
	reader := streams.ReadFrames(w.cfg.JS, name, 1)
	defer reader.Close()
	for w.seq < last {
		entries, err := reader.Next(ctx, 256, ackTimeout)
		if err != nil {
			return unreadable(name, err)
		}
		if len(entries) == 0 {
			return fmt.Errorf("replay of %s stopped at %d of %d", name, w.seq, last)
		}
		for _, e := range entries {
			if e.Frame.Prev != w.hash {
				return &LogError{commands.CodeLogCorrupt, name, fmt.Sprintf("frame %d names another predecessor than the frame before it", e.Seq)}
			}
			if err := w.fold(e.Seq, e.Hash, e.Frame); err != nil {
				return err
			}
			frames = append(frames, e)
		}
	}
	w.epoch++
	for _, e := range frames {
		if e.Seq > w.effectsDone {
			if err := w.activate(ctx, e.Seq, e.Frame); err != nil {
				return err
			}
		}
	}
	w.log.Info("definitions log owned", "epoch", w.epoch, "seq", w.seq)
	return nil
}

func (w *deployer) fold(seq uint64, hash events.Hash, f *events.Frame) error {
	if err := w.index.Apply(seq, f); err != nil {
		return &LogError{commands.CodeLogCorrupt, w.cfg.Names.DefinitionStream(), err.Error()}
	}
	w.seq, w.hash, w.epoch, w.effectsDone = seq, hash, f.Epoch, f.EffectsDone
	w.lastCommand = max(w.lastCommand, f.LastCommand)
	return nil
}

// deploy decides one deploy command, stores what it leads to and answers.
func (w *deployer) deploy(ctx context.Context, msg jetstream.Msg, meta *jetstream.MsgMetadata) error {
	raw := &nats.Msg{Subject: msg.Subject(), Header: msg.Headers(), Data: msg.Data()}
	t := events.Transition{
		Command:    ids.Positional(msg.Subject(), meta.Sequence.Stream, meta.Timestamp.UnixMilli()),
		CommandSeq: meta.Sequence.Stream,
		TimeMS:     w.cfg.Clock.NowMS(),
	}
	result, err := w.decide(ctx, raw, &t)
	if err != nil {
		return err
	}
	if result.Code != "" {
		t.Events = []events.Event{&events.CommandRejected{Code: string(result.Code), Message: result.Message}}
	}
	frame := &events.Frame{
		Epoch: w.epoch, FirstCommand: t.CommandSeq, LastCommand: t.CommandSeq,
		EffectsDone: w.seq, Prev: w.hash, Transitions: []events.Transition{t},
	}
	data, err := events.EncodeFrame(frame)
	if err != nil {
		return err
	}
	seq, err := appendFrame(ctx, w.cfg.JS, w.cfg.Names.DefinitionSubject(), data, w.seq)
	if err != nil {
		return err
	}
	if err := w.fold(seq, events.HashOf(data), frame); err != nil {
		return err
	}
	// The partitions know the new start events before the sender gets the
	// answer, so a message published after it finds them.
	if err := w.activate(ctx, seq, frame); err != nil {
		return err
	}
	result.DeploySeq = seq
	w.answer(raw, result)
	return nil
}

// decide makes the decision for a deploy command: what is wrong with it is in
// the result; an error is one of storage.
func (w *deployer) decide(ctx context.Context, raw *nats.Msg, t *events.Transition) (*commands.DeployResult, error) {
	rejected := func(err error, problems []bpmn.Problem) (*commands.DeployResult, error) {
		e := asRejection(err)
		return &commands.DeployResult{Code: e.Code, Message: e.Message, Problems: toProblems(problems)}, nil
	}
	tenant, err := w.address(raw.Subject, t)
	if err != nil {
		return rejected(err, nil)
	}
	c, err := commands.DecodeDeploy(raw.Header.Get(commands.HeaderContentType), raw.Data)
	if err != nil {
		return rejected(err, nil)
	}
	files := make([]definitions.File, len(c.Resources))
	for i, r := range c.Resources {
		files[i] = definitions.File{Name: r.Name, Content: r.Content}
	}
	switch bpmn.Dialect(c.Dialect) {
	case "", bpmn.DialectPlain, bpmn.DialectCamunda, bpmn.DialectZeebe, bpmn.DialectFlowable:
	default:
		return rejected(commands.Reject(commands.CodeCommandInvalid, "the dialect %q is none of camunda, zeebe, flowable and bpmn", c.Dialect), nil)
	}
	prepared, problems, err := definitions.Prepare(ctx, files, definitions.PrepareOptions{
		Choices: definitions.Choices{Dialect: bpmn.Dialect(c.Dialect), ClassMap: c.ClassMap, Settings: c.Options},
	})
	if err != nil {
		return nil, err
	}
	if prepared == nil {
		return rejected(invalidDeployment(problems), problems)
	}
	outcome, more := definitions.Decide(w.index, definitions.DeployRequest{Tenant: tenant, Name: c.Name, Command: t.Command, Resources: prepared})
	problems = append(problems, more...)
	if bpmn.HasErrors(more) {
		return rejected(invalidDeployment(problems), problems)
	}
	result := &commands.DeployResult{
		DeploymentID: outcome.Deployment.Deployment, Unchanged: !outcome.Append(),
		Processes: outcome.Deployment.Processes, Decisions: outcome.Deployment.Decisions, Resources: outcome.Deployment.Resources, Problems: toProblems(problems),
	}
	if outcome.Append() {
		for i := range prepared {
			if _, err := w.resources.Put(ctx, prepared[i].Content); err != nil {
				return nil, err
			}
		}
		t.Events = []events.Event{outcome.Deployment}
	}
	return result, nil
}

// address reads the tenant and the command id from the subject.
func (w *deployer) address(subject string, t *events.Transition) (string, error) {
	rest := strings.TrimPrefix(subject, strings.TrimSuffix(w.cfg.Names.DeploySubjects(), ">"))
	tenant, id, ok := strings.Cut(rest, ".")
	if !ok {
		return "", commands.Reject(commands.CodeCommandMisrouted, "expected the subject %s<tenant>.<command id>, but got %s", strings.TrimSuffix(w.cfg.Names.DeploySubjects(), ">"), subject)
	}
	if err := streams.CheckTenant(tenant); err != nil {
		return "", commands.Reject(commands.CodeTenantInvalid, "%v", err)
	}
	command, err := ids.ParseCommand(id)
	if err != nil {
		return "", commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	t.Command = command
	return tenant, nil
}

func invalidDeployment(problems []bpmn.Problem) error {
	var first bpmn.Problem
	count := 0
	for _, p := range problems {
		if p.Severity == bpmn.SeverityError {
			if count++; count == 1 {
				first = p
			}
		}
	}
	if count == 1 {
		return commands.Reject(commands.CodeDeploymentInvalid, "nothing was deployed: %s", first)
	}
	return commands.Reject(commands.CodeDeploymentInvalid, "nothing was deployed: %d errors, the first: %s", count, first)
}

func toProblems(list []bpmn.Problem) []commands.Problem {
	out := make([]commands.Problem, len(list))
	for i, p := range list {
		out[i] = commands.Problem{
			File: p.File, ElementID: p.ElementID, Line: p.Line,
			Severity: string(p.Severity), Code: p.Code, Message: p.Message,
		}
	}
	return out
}

// activate tells every partition which versions have become the latest. The
// deploy sequence numbers the command, so a partition takes it once.
func (w *deployer) activate(ctx context.Context, seq uint64, f *events.Frame) error {
	for _, t := range f.Transitions {
		for _, e := range t.Events {
			d, ok := e.(*events.DeploymentCreated)
			if !ok {
				continue
			}
			c := &commands.ActivateProcesses{Tenant: d.Tenant}
			for _, p := range d.Processes {
				if !p.Unchanged {
					c.Definitions = append(c.Definitions, events.DefinitionRef{
						ProcessID: p.ProcessID, Version: p.Version, Digest: p.Digest, Deployment: d.Deployment,
					})
				}
			}
			// New decisions alone are told too: a command behind this one is
			// then decided with them, whoever sends it.
			if len(c.Definitions) == 0 && !slices.ContainsFunc(d.Decisions, func(x events.DeployedDecision) bool { return !x.Unchanged }) {
				continue
			}
			if err := w.sendActivation(ctx, seq, c, t.Command); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *deployer) sendActivation(ctx context.Context, seq uint64, c *commands.ActivateProcesses, id ids.Command) error {
	data, err := commands.Encode(c)
	if err != nil {
		return err
	}
	for p := range w.cluster.Homes {
		target := ids.Derive(id, ids.Partition(p), 0)
		msg := nats.NewMsg(w.cfg.Names.CommandSubject(streams.InternalTenant, target, string(c.Kind())))
		msg.Header.Set(commands.HeaderContentType, commands.ContentMsgpack)
		msg.Header.Set(commands.HeaderOrigin, formatOrigin(events.Origin{Partition: events.OriginDefinitions, N: seq}))
		msg.Header.Set(commands.HeaderDeploySeq, fmt.Sprint(seq))
		msg.Data = data
		pubCtx, cancel := context.WithTimeout(ctx, ackTimeout)
		_, err := w.cfg.JS.PublishMsg(pubCtx, msg)
		cancel()
		if err != nil {
			return fmt.Errorf("tell partition %s of deployment %d: %w", ids.Partition(p), seq, err)
		}
	}
	return nil
}

func (w *deployer) answer(raw *nats.Msg, result *commands.DeployResult) {
	reply := raw.Header.Get(commands.HeaderReply)
	if reply == "" {
		return
	}
	data, err := commands.EncodeDeployResult(result, replyJSON(raw))
	if err == nil {
		err = w.cfg.NC.Publish(reply, data)
	}
	if err != nil {
		w.log.Debug("answer lost", "error", err)
	}
}

// retry runs f until it ends without an error or the context ends.
func retry(ctx context.Context, log *slog.Logger, what string, f func(context.Context) error) {
	backoff := 20 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		err := f(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		var badLog *LogError
		if errors.As(err, &badLog) {
			log.Error("stopped for good; see docs/runbook.md", "part", what, "error", err)
			<-ctx.Done()
			return
		}
		log.Warn("starts again from the log", "part", what, "error", err)
		if time.Since(began) > 10*time.Second {
			backoff = 20 * time.Millisecond
		}
		select {
		case <-ctx.Done():
		case <-time.After(backoff):
			backoff = min(2*backoff, 2*time.Second)
		}
	}
}
