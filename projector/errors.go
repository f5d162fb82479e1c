package projector

import "fmt"

// Code is the stable name of a fault of the projector.
type Code string

// The codes.
const (
	// CodeLogBackwards says that the log ends before the checkpoint, or is
	// another log than the one that was folded: it was deleted or restored.
	// Way out: restore the log, or rebuild the projections.
	CodeLogBackwards Code = "log.backwards"
	// CodeLogCorrupt says that the hash chain is broken, that a frame is missing
	// in the middle, or that one cannot be decoded. Way out: restore the log from a replica or a backup.
	CodeLogCorrupt Code = "log.corrupt"
	// CodeLogTrimmed says that the log no longer holds the frames that are
	// needed next. Way out: restore the read models from a backup.
	CodeLogTrimmed Code = "log.trimmed"
	// CodeNewer says that a newer release wrote the log or the schema. Way
	// out: upgrade this node.
	CodeNewer Code = "projector.newer"
	// CodeInconsistent says that an event does not fit the rows: the event
	// before it is missing, or someone changed the rows. Way out: rebuild the
	// projections, and report the fault if it comes back.
	CodeInconsistent Code = "projector.inconsistent"
	// CodeDatabase says that Postgres refused a statement in a way that a
	// repetition does not mend. Way out: see the message.
	CodeDatabase Code = "projector.database"
	// CodeBusy says that another rebuild is going on.
	CodeBusy Code = "projector.busy"
	// CodeNotFound says that a query names something that is not there.
	CodeNotFound Code = "projector.not_found"
	// CodeInvalid says that a query or a configuration is outside its limits.
	CodeInvalid Code = "projector.invalid"
)

// Error is a fault with its code.
type Error struct {
	Code Code
	// Op says what was being done, and to whom.
	Op  string
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v (%s)", e.Op, e.Err, e.Code) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is compares codes, so that errors.Is(err, &Error{Code: c}) finds one.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

func fault(code Code, op string, format string, args ...any) *Error {
	return &Error{Code: code, Op: op, Err: fmt.Errorf(format, args...)}
}
