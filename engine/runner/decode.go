package runner

import (
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/weir-bpm/weir/commands"
	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
	"github.com/weir-bpm/weir/streams"
)

// request is a command message taken apart.
type request struct {
	envelope commands.Envelope
	// rejection says why the command cannot be decided.
	rejection *commands.Error
	replyTo   string
	json      bool
	deploySeq uint64
	size      int
}

// decode takes a command message apart. Nothing in it is trusted.
func decode(n streams.Names, p ids.Partition, msg *nats.Msg, seq uint64, storedMS int64) request {
	r := request{replyTo: msg.Header.Get(commands.HeaderReply), size: len(msg.Data)}
	r.envelope.Seq = seq
	r.envelope.ID = ids.Positional(msg.Subject, seq, storedMS)
	r.json = replyJSON(msg)
	if err := r.decode(n, p, msg); err != nil {
		r.rejection = err
	}
	return r
}

// replyJSON says whether the sender speaks JSON.
func replyJSON(msg *nats.Msg) bool {
	if ct := msg.Header.Get(commands.HeaderContentType); ct != "" {
		return strings.Contains(ct, "json")
	}
	return len(msg.Data) == 0 || msg.Data[0] == '{' || msg.Data[0] == ' ' || msg.Data[0] == '\n'
}

func (r *request) decode(n streams.Names, p ids.Partition, msg *nats.Msg) *commands.Error {
	if text := msg.Header.Get(commands.HeaderID); text != "" {
		id, err := ids.ParseCommand(text)
		if err != nil {
			return commands.Reject(commands.CodeIDInvalid, "header %s: %v", commands.HeaderID, err)
		}
		// The id stays in the state: a copy does not keep the message with it.
		r.envelope.ID = ids.Command(strings.Clone(string(id)))
	}
	tenant, idText, kind, err := n.ParseCommandSubject(msg.Subject)
	if err != nil {
		return commands.Reject(commands.CodeCommandMisrouted, "%v", err)
	}
	internal := commands.Internal(commands.Kind(kind))
	if internal != (tenant == streams.InternalTenant) {
		return commands.Reject(commands.CodeCommandInternal, "%s is a command between partitions, or its tenant %q is reserved for those", kind, tenant)
	}
	if !internal {
		if err := streams.CheckTenant(tenant); err != nil {
			return commands.Reject(commands.CodeTenantInvalid, "%v", err)
		}
	}
	id, err := ids.ParseInstance(idText)
	if err != nil {
		return commands.Reject(commands.CodeIDInvalid, "%v", err)
	}
	if id.Partition() != p {
		return commands.Reject(commands.CodeCommandMisrouted, "%s lives in partition %s, but the command came to %s", id, id.Partition(), p)
	}
	r.envelope.Tenant, r.envelope.Instance = strings.Clone(tenant), ids.Instance(strings.Clone(idText))
	if internal {
		origin, err := parseOrigin(msg.Header.Get(commands.HeaderOrigin))
		if err != nil {
			return err
		}
		r.envelope.Origin = origin
	}
	if text := msg.Header.Get(commands.HeaderDeploySeq); text != "" {
		seq, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return commands.Reject(commands.CodeCommandInvalid, "header %s: %q is no number", commands.HeaderDeploySeq, text)
		}
		r.deploySeq = seq
	}
	c, err := commands.Decode(commands.Kind(kind), msg.Header.Get(commands.HeaderContentType), msg.Data)
	if err != nil {
		return asRejection(err)
	}
	r.envelope.Command = c
	return nil
}

func asRejection(err error) *commands.Error {
	if e, ok := err.(*commands.Error); ok { //nolint:errorlint // Decode returns it bare
		return e
	}
	return commands.Reject(commands.CodeCommandUnreadable, "%v", err)
}

func formatOrigin(o events.Origin) string {
	return strconv.Itoa(int(o.Partition)) + ":" + strconv.FormatUint(o.N, 10)
}

func parseOrigin(s string) (*events.Origin, *commands.Error) {
	head, tail, _ := strings.Cut(s, ":")
	p, err1 := strconv.Atoi(head)
	n, err2 := strconv.ParseUint(tail, 10, 64)
	if err1 != nil || err2 != nil || p < 0 || p > int(events.OriginDefinitions) || n == 0 {
		return nil, commands.Reject(commands.CodeCommandInternal, "header %s: expected <partition>:<number>, but got %q", commands.HeaderOrigin, s)
	}
	return &events.Origin{Partition: ids.Partition(p), N: n}, nil
}
