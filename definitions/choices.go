package definitions

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/weir-bpm/weir/bpmn"
)

// Choices are what a deployment says about how its files are read. They are
// stored with each version, so that every node reads a file as it was checked.
type Choices struct {
	// Dialect overrides the file's own, empty if it was not given.
	Dialect bpmn.Dialect `json:"-"`
	// ClassMap and Settings are those of [bpmn.Options].
	ClassMap map[string]string `json:"c,omitempty"`
	Settings map[string]string `json:"s,omitempty"`
	// Scripts are the digests of the files that a model's scripts were read from,
	// by the names that the model gives them.
	Scripts map[string]string `json:"r,omitempty"`
}

// text is the same for equal choices besides the dialect, and empty for none.
func (c *Choices) text() string {
	if len(c.ClassMap)+len(c.Settings)+len(c.Scripts) == 0 {
		return ""
	}
	data, err := json.Marshal(c) // sorts the keys
	if err != nil {
		panic(err) // maps of texts have JSON
	}
	return string(data)
}

// choicesOf reads what text gave.
func choicesOf(dialect bpmn.Dialect, text string) (Choices, error) {
	c := Choices{Dialect: dialect}
	if text == "" {
		return c, nil
	}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, fmt.Errorf("choices of a deployment: %w", err)
	}
	return c, nil
}

// apply makes the choices those of a parse. A class map of the options stays
// where the choices do not name the class.
func (c *Choices) apply(o *bpmn.Options) {
	if c.Dialect != "" {
		o.Dialect = c.Dialect
	}
	o.ClassMap = merged(o.ClassMap, c.ClassMap)
	o.Settings = merged(o.Settings, c.Settings)
}

func merged(base, over map[string]string) map[string]string {
	switch {
	case len(over) == 0:
		return base
	case len(base) == 0:
		return over
	}
	out := maps.Clone(base)
	maps.Copy(out, over)
	return out
}
