package script

func (p *Program) compileGroovy(source string) (*Program, error) {
	return nil, errorf(CodeUnsupported, "not yet %d", len(source))
}
