package snapshots

import (
	"fmt"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/ids"
)

// Member is the snapshot of one instance. Many of them make the content of a
// group: what is stored has a price for each message, which thousands of small
// ones would pay in the server's memory.
type Member struct {
	_msgpack struct{}     `msgpack:",as_array"` //nolint:unused // read by msgpack
	Instance ids.Instance // whose it is
	Seq      uint64       // of the last event that is included
	Data     []byte       // the encoded instance
}

// EncodeGroup returns the content of a group.
func EncodeGroup(members []Member) ([]byte, error) {
	data, err := msgpack.Marshal(members)
	if err != nil {
		return nil, fmt.Errorf("encode a group of %d snapshots: %w", len(members), err)
	}
	return data, nil
}

// DecodeGroup reads what [EncodeGroup] wrote; an error is [ErrMismatch].
func DecodeGroup(data []byte) ([]Member, error) {
	var members []Member
	if err := msgpack.Unmarshal(data, &members); err != nil {
		return nil, fmt.Errorf("group of snapshots: %w: %w", ErrMismatch, err)
	}
	return members, nil
}
