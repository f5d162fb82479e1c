package dmn_test

import (
	"fmt"

	"github.com/weir-bpm/weir/dmn"
)

const shipping = `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="shipping" name="Shipping" namespace="https://example.com/shipping">
  <inputData id="in" name="Order"><variable name="Order" typeRef="tOrder"/></inputData>
  <itemDefinition name="tOrder">
    <itemComponent name="weight"><typeRef>number</typeRef></itemComponent>
    <itemComponent name="express"><typeRef>boolean</typeRef></itemComponent>
  </itemDefinition>
  <decision id="cost" name="Shipping Cost">
    <variable name="Shipping Cost" typeRef="number"/>
    <informationRequirement><requiredInput href="#in"/></informationRequirement>
    <decisionTable id="table" hitPolicy="COLLECT" aggregation="SUM">
      <input id="w" label="Weight"><inputExpression><text>Order.weight</text></inputExpression></input>
      <input id="e" label="Express"><inputExpression><text>Order.express</text></inputExpression></input>
      <output id="c" name="cost"/>
      <rule id="base"><inputEntry><text>-</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>4.75</text></outputEntry></rule>
      <rule id="heavy"><inputEntry><text>&gt; 10</text></inputEntry><inputEntry><text>-</text></inputEntry><outputEntry><text>0.5 * (Order.weight - 10)</text></outputEntry></rule>
      <rule id="fast"><inputEntry><text>-</text></inputEntry><inputEntry><text>true</text></inputEntry><outputEntry><text>7</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>`

func ExampleModel_Evaluate() {
	model, problems := dmn.Parse("shipping.dmn", []byte(shipping))
	if dmn.HasErrors(problems) {
		fmt.Println(problems)
		return
	}
	res, err := model.Evaluate("cost", dmn.Input{Variables: map[string]any{
		"Order": map[string]any{"weight": int64(13), "express": true},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("cost:", res.Value)
	for _, rule := range res.Trace.Decisions[0].Tables[0].Rules() {
		fmt.Println("rule", rule.Number, rule.ID, "gives", rule.Outputs[0].Value)
	}
	// Output:
	// cost: 13.25
	// rule 1 base gives 4.75
	// rule 2 heavy gives 1.5
	// rule 3 fast gives 7
}

func ExampleParse() {
	_, problems := dmn.Parse("broken.dmn", []byte(`<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" namespace="urn:x">
  <decision id="price" name="Price">
    <informationRequirement><requiredInput href="#amount"/></informationRequirement>
    <literalExpression id="logic" expressionLanguage="mvel"><text>amount * 2</text></literalExpression>
  </decision>
</definitions>`))
	for _, p := range problems {
		fmt.Println(p)
	}
	// Output:
	// broken.dmn:3 requiredInput: error [dmn.unresolved_reference]: The href "#amount" of requiredInput points to no element; correct it or add the element.
	// broken.dmn:4 logic: error [dmn.expression_language]: Expression language "mvel" is not available here; write the expression in FEEL.
}
