package script

import "time"

// Limits bound one script. A zero field takes the default; there is no way to
// switch a limit off, only to raise it.
//
// Steps and memory are counted, not sampled, so that the same script on the
// same input ends at the same place on every machine. The counts are upper
// estimates made from the source: a step is about one node of the syntax tree
// in a loop turn or call, and memory is everything the script has allocated so
// far, whether it still uses it or not.
type Limits struct {
	// Deadline is the wall-clock time of one Eval. Default 2 s.
	Deadline time.Duration
	// Steps is the number of steps of one Eval. Default 10 million, which is
	// reached before the deadline on ordinary machines.
	Steps int64
	// Memory is the number of bytes that one Eval may allocate in total.
	// Default 64 MiB.
	Memory int64
	// MaxString is the longest string in UTF-16 units. Default 1,048,576.
	MaxString int
	// MaxArray is the longest array that built-ins work on. Default 262,144.
	MaxArray int
	// MaxDepth bounds nested calls. Default 256.
	MaxDepth int
	// MaxNesting bounds the nesting of the source and of values. Default 200.
	MaxNesting int
	// MaxNodes bounds the parts of one value that crosses to the process.
	// Default 100,000.
	MaxNodes int
	// MaxSource is the longest source in bytes. Default 64 KiB.
	MaxSource int
	// MaxOutput bounds what print and console collect, in bytes; what comes
	// after is dropped and marked. Default 16 KiB.
	MaxOutput int
	// RegexTime bounds one match of a regular expression. Default 100 ms.
	RegexTime time.Duration
}

// WithDefaults fills the zero fields.
func (l Limits) WithDefaults() Limits {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	if l.Deadline <= 0 {
		l.Deadline = 2 * time.Second
	}
	if l.RegexTime <= 0 {
		l.RegexTime = 100 * time.Millisecond
	}
	if l.Steps <= 0 {
		l.Steps = 10_000_000
	}
	if l.Memory <= 0 {
		l.Memory = 64 << 20
	}
	def(&l.MaxString, 1<<20)
	def(&l.MaxArray, 1<<18)
	def(&l.MaxDepth, 256)
	def(&l.MaxNesting, 200)
	def(&l.MaxNodes, 100_000)
	def(&l.MaxSource, 64<<10)
	def(&l.MaxOutput, 16<<10)
	return l
}

// meter counts what a call has used.
type meter struct {
	steps, memory int64
}

func (c *call) spend(steps, bytes int64) {
	c.used.steps += steps
	c.used.memory += bytes
	if c.used.steps > c.limits.Steps {
		stop(CodeSteps, "the script needs more than %d steps; make it shorter or raise the limit", c.limits.Steps)
	}
	if c.used.memory > c.limits.Memory {
		stop(CodeMemory, "the script needs more than %d bytes; work on less data or raise the limit", c.limits.Memory)
	}
}

// spendString accounts for a string that is about to be made.
func (c *call) spendString(units int64) {
	if units > int64(c.limits.MaxString) {
		stop(CodeMemory, "a string would be %d characters long, the limit is %d", units, c.limits.MaxString)
	}
	c.spend(units/64, units)
}

// spendArray accounts for an array that is about to be made or walked.
func (c *call) spendArray(n, bytesEach int64) {
	if n > int64(c.limits.MaxArray) {
		stop(CodeMemory, "an array would have %d elements, the limit is %d", n, c.limits.MaxArray)
	}
	c.spend(n/4, n*bytesEach)
}
