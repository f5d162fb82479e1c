package commands

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/events"
	"github.com/weir-bpm/weir/ids"
)

// The headers of a command message.
const (
	// HeaderID is the command id, a ULID. A retry with the same id gets the
	// first answer. Without it the engine makes one from the position in the
	// log.
	HeaderID = "Weir-Command-Id"
	// HeaderReply is the subject that the answer goes to.
	HeaderReply = "Weir-Reply-To"
	// HeaderContentType is application/json or application/msgpack. Without it
	// a payload that begins with '{' is JSON.
	HeaderContentType = "Content-Type"
	// HeaderDeploySeq is the deploy sequence that the sender has seen; the
	// executor waits until it has seen it too.
	HeaderDeploySeq = "Weir-Deploy-Seq"
	// HeaderOrigin is set on commands between partitions: <partition>:<n>.
	HeaderOrigin = "Weir-Origin"
)

// The content types.
const (
	ContentJSON    = "application/json"
	ContentMsgpack = "application/msgpack"
)

// Envelope is a command with what is known about its way.
type Envelope struct {
	ID       ids.Command
	Seq      uint64 // in the command stream; 0 for the owner's own commands
	Tenant   string
	Instance ids.Instance
	Origin   *events.Origin
	// TimeMS is the engine's time at which the command is decided, in
	// milliseconds since the Unix epoch.
	TimeMS  int64
	Command Command
}

// Decode reads the payload of a command. Its errors are *Error.
func Decode(kind Kind, contentType string, data []byte) (Command, error) {
	c, err := New(kind)
	if err != nil {
		return nil, err
	}
	isJSON, err := jsonContent(contentType, data)
	if err != nil {
		return nil, err
	}
	if isJSON {
		err = decodeJSON(data, c)
	} else {
		err = decodeMsgpack(data, c)
	}
	if err != nil {
		return nil, Reject(CodeCommandUnreadable, "the payload of %s cannot be read: %v", kind, err)
	}
	return c, c.Validate()
}

func jsonContent(contentType string, data []byte) (bool, error) {
	if contentType == "" {
		trimmed := bytes.TrimLeft(data, " \t\r\n")
		return len(trimmed) > 0 && trimmed[0] == '{', nil
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err == nil {
		switch media {
		case ContentJSON:
			return true, nil
		case ContentMsgpack, "application/x-msgpack":
			return false, nil
		}
	}
	return false, Reject(CodeCommandUnreadable, "the content type %q is neither %s nor %s", contentType, ContentJSON, ContentMsgpack)
}

func decodeJSON(data []byte, into any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil // an empty payload is an empty object
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("expected one JSON object, but more follows it")
	}
	return nil
}

func decodeMsgpack(data []byte, into any) error {
	if len(data) == 0 {
		return nil
	}
	if err := events.CheckMsgpack(data); err != nil {
		return err
	}
	dec := msgpack.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields(true)
	return dec.Decode(into)
}

// Encode writes the payload of a command in msgpack.
func Encode(c Command) ([]byte, error) {
	var buf bytes.Buffer
	enc := msgpack.NewEncoder(&buf)
	enc.SetSortMapKeys(true)
	enc.UseCompactInts(true)
	if err := enc.Encode(c); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// Position is where in the log the events of a command are.
type Position struct {
	Partition string `json:"partition" msgpack:"partition"`
	Seq       uint64 `json:"seq" msgpack:"seq"`
}

// Result is the answer to a command.
type Result struct {
	// Code is empty if the command was accepted.
	Code    Code   `json:"code,omitempty" msgpack:"code,omitempty"`
	Message string `json:"message,omitempty" msgpack:"message,omitempty"`
	// Position is where the command's events are; a query can ask to see at
	// least it.
	Position Position `json:"position" msgpack:"position"`
	// InstanceID is the instance that was started or acted on.
	InstanceID string `json:"instance_id,omitempty" msgpack:"instance_id,omitempty"`
	// Existing says that a start found the instance already there.
	Existing bool `json:"existing,omitempty" msgpack:"existing,omitempty"`
	// Definition is the process and version of a started instance.
	Definition string `json:"definition,omitempty" msgpack:"definition,omitempty"`
	// MessageID is the engine's id of a published message, and Buffered says
	// that nobody has taken it yet.
	MessageID string   `json:"message_id,omitempty" msgpack:"message_id,omitempty"`
	Buffered  bool     `json:"buffered,omitempty" msgpack:"buffered,omitempty"`
	Receivers []string `json:"receivers,omitempty" msgpack:"receivers,omitempty"`
}

// Err returns the rejection, or nil if the command was accepted.
func (r *Result) Err() error {
	if r.Code == "" {
		return nil
	}
	return &Error{Code: r.Code, Message: r.Message}
}

// EncodeResult writes an answer in the content type of its command.
func EncodeResult(r *Result, asJSON bool) ([]byte, error) {
	if asJSON {
		return json.Marshal(r)
	}
	return msgpack.Marshal(r)
}

// DecodeResult reads an answer in either content type.
func DecodeResult(data []byte) (*Result, error) {
	r := new(Result)
	if len(data) > 0 && data[0] == '{' {
		return r, json.Unmarshal(data, r)
	}
	return r, msgpack.Unmarshal(data, r)
}
