package bpmn

// rareExamples is the part of the table of dialects that few models use: parts
// of extensions, and what belongs to the surroundings of another engine.
func rareExamples() []dialectExample {
	const (
		job = `<serviceTask id="t" flowable:type="external-worker" flowable:topic="j"><extensionElements>`

		http   = `<serviceTask id="t" flowable:type="http"><extensionElements><flowable:field name="requestMethod"><flowable:string>POST</flowable:string></flowable:field><flowable:field name="requestUrl"><flowable:string>http://x</flowable:string></flowable:field>`
		dmn    = `<serviceTask id="t" flowable:type="dmn"><extensionElements><flowable:field name="decisionTableReferenceKey"><flowable:string>d</flowable:string></flowable:field>`
		called = `<callActivity id="t" calledElement="c"><extensionElements>`
		end    = `</extensionElements></serviceTask>`
		loop   = `<task id="t"><multiInstanceLoopCharacteristics flowable:collection="items"><extensionElements>`
		robot  = `<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="j"/><zeebe:linkedResources><zeebe:linkedResource resourceId="r" resourceType="RPA" linkName="l" `
	)
	return []dialectExample{
		{DialectCamunda, "service-like", `resultVariableName`, `<serviceTask id="t" camunda:expression="${a + 1}" §camunda:resultVariableName="r"§/>`},
		{DialectCamunda, "script task", `scriptFormat of a nested <script>`, `<userTask id="t"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a"><camunda:script §scriptFormat="javascript"§>1</camunda:script></camunda:inputParameter></camunda:inputOutput></extensionElements></userTask>`},
		{DialectCamunda, "call activity", `caseBinding, caseVersion, caseTenantId`, `<callActivity id="t" camunda:caseRef="x" §camunda:caseBinding="version"§ camunda:caseVersion="1" camunda:caseTenantId="y"/>`},
		{DialectCamunda, "multi-instance", `asyncAfter`, `<task id="t"><multiInstanceLoopCharacteristics camunda:collection="items" §camunda:asyncAfter="true"§/></task>`},
		{DialectCamunda, "multi-instance", `exclusive`, `<task id="t"><multiInstanceLoopCharacteristics camunda:collection="items" §camunda:exclusive="false"§/></task>`},
		{DialectCamunda, "any flow node", `<properties>`, `<task id="t"><extensionElements>§<camunda:properties><camunda:property name="a" value="b"/></camunda:properties>§</extensionElements></task>`},
		{DialectCamunda, "error event", `errorMessage of <error>`, `E §camunda:errorMessage="${m}"§`},
		{DialectCamunda, "bpmn property", `type, src, srcExpr, dst, dstExpr, link, linkExpr`, `<userTask id="t"><property id="x" name="x" §camunda:src="y"§/></userTask>`},
		{DialectCamunda, "modelling", `modelerTemplateVersion`, `<task id="t" camunda:modelerTemplate="x" §camunda:modelerTemplateVersion="2"§/>`},

		{DialectZeebe, "business rule task", `versionTag`, `<businessRuleTask id="t"><extensionElements><zeebe:calledDecision decisionId="d" resultVariable="r" bindingType="versionTag" §versionTag="v"§/></extensionElements></businessRuleTask>`},
		{DialectZeebe, "ad-hoc subprocess", `<adHoc>`, `<adHocSubProcess id="t"><extensionElements>§<zeebe:adHoc activeElementsCollection="=a"/>§</extensionElements><task id="i"/></adHocSubProcess>`},
		{DialectZeebe, "service task", `<linkedResource bindingType>`, robot + `§bindingType="deployment"§/></zeebe:linkedResources>` + end},
		{DialectZeebe, "service task", `<linkedResource versionTag>`, robot + `bindingType="versionTag" §versionTag="v"§/></zeebe:linkedResources>` + end},
		{DialectZeebe, "modelling", `modelerTemplateVersion`, `<task id="t" §zeebe:modelerTemplateVersion="2"§/>`},
		{DialectZeebe, "modelling", `modelerTemplateIcon`, `<task id="t" §zeebe:modelerTemplateIcon="x"§/>`},
		{DialectZeebe, "modelling", `modelerConfiguration`, `<task id="t" §zeebe:modelerConfiguration="x"§/>`},
		{DialectZeebe, "modelling", `retryCounter`, `<serviceTask id="t" §zeebe:retryCounter="1"§><extensionElements><zeebe:taskDefinition type="j"/></extensionElements></serviceTask>`},

		{DialectFlowable, "activity, gateway, event", `<executionListener customPropertiesResolverClass>`, `<task id="t"><extensionElements><flowable:executionListener event="start" expression="${a}" §customPropertiesResolverClass="a.B"§/></extensionElements></task>`},
		{DialectFlowable, "service task", `resultVariable`, `<serviceTask id="t" flowable:expression="${a}" §flowable:resultVariable="r"§/>`},
		{DialectFlowable, "service task", `<field>`, `<serviceTask id="t" flowable:class="a.B"><extensionElements>§<flowable:field name="x" stringValue="y"/>§` + end},
		{DialectFlowable, "service task", `formKey`, `<serviceTask id="t" flowable:expression="${a}" §flowable:formKey="f"§/>`},
		{DialectFlowable, "service task", `formFieldValidation`, `<serviceTask id="t" flowable:expression="${a}" §flowable:formFieldValidation="true"§/>`},
		{DialectFlowable, "service task", `<httpRequestHandler>`, http + `§<flowable:httpRequestHandler class="a.B"/>§` + end},
		{DialectFlowable, "service task", `<httpResponseHandler>`, http + `§<flowable:httpResponseHandler class="a.B"/>§` + end},
		{DialectFlowable, "external worker", `<externalWorkerOutParameter>`, job + `§<flowable:externalWorkerOutParameter source="a" target="b"/>§` + end},
		{DialectFlowable, "decision fields", `decisionTableReferenceKey`, `<serviceTask id="t" flowable:type="dmn"><extensionElements>§<flowable:field name="decisionTableReferenceKey"><flowable:string>d</flowable:string></flowable:field>§` + end},
		{DialectFlowable, "decision fields", `decisionTaskThrowErrorOnNoHits`, dmn + `§<flowable:field name="decisionTaskThrowErrorOnNoHits"><flowable:string>true</flowable:string></flowable:field>§` + end},
		{DialectFlowable, "decision fields", `fallbackToDefaultTenant`, dmn + `§<flowable:field name="fallbackToDefaultTenant"><flowable:string>true</flowable:string></flowable:field>§` + end},
		{DialectFlowable, "decision fields", `sameDeployment`, dmn + `§<flowable:field name="sameDeployment"><flowable:string>false</flowable:string></flowable:field>§` + end},
		{DialectFlowable, "http fields", `requestMethod, requestUrl, requestHeaders, requestBody`, http + `§<flowable:field name="requestHeaders"><flowable:string>A: b</flowable:string></flowable:field><flowable:field name="requestBody"><flowable:string>{}</flowable:string></flowable:field>§` + end},
		{DialectFlowable, "mail fields", `to, from, cc, bcc, subject, text, html, charset, attachments, ignoreException`, `<serviceTask id="t" flowable:type="mail"><extensionElements>§<flowable:field name="to" stringValue="a@b"/>§` + end},
		{DialectFlowable, "shell fields", `command, arg1 to arg5, wait, outputVariable, errorCodeVariable, redirectError, cleanEnv, directory`, `<serviceTask id="t" flowable:type="shell"><extensionElements>§<flowable:field name="command" stringValue="ls"/>§` + end},
		{DialectFlowable, "case task", `caseDefinitionKey, caseInstanceName, businessKey, inheritBusinessKey, sameDeployment, fallbackToDefaultTenant, idVariableName`, `<serviceTask id="t" flowable:type="case" §flowable:caseDefinitionKey="x"§/>`},
		{DialectFlowable, "case task", `<in>, <out>`, `<serviceTask id="t" flowable:type="case" flowable:caseDefinitionKey="x"><extensionElements>§<flowable:in source="a" target="b"/>§` + end},
		{DialectFlowable, "send event task", `<triggerEventType>`, `<sendTask id="t"><extensionElements>§<flowable:triggerEventType>x</flowable:triggerEventType>§</extensionElements></sendTask>`},
		{DialectFlowable, "send event task", `<channelKey>, <sendSynchronously>`, `<sendTask id="t"><extensionElements>§<flowable:channelKey>x</flowable:channelKey><flowable:sendSynchronously>true</flowable:sendSynchronously>§</extensionElements></sendTask>`},
		{DialectFlowable, "send event task", `<eventInParameter>, <eventOutParameter>`, `<sendTask id="t"><extensionElements>§<flowable:eventInParameter source="a" target="b"/>§</extensionElements></sendTask>`},
		{DialectFlowable, "send event task", `<eventCorrelationParameter>, <triggerEventCorrelationParameter>`, `<receiveTask id="t" messageRef="MS"><extensionElements>§<flowable:eventCorrelationParameter name="a" value="b"/>§</extensionElements></receiveTask>`},
		{DialectFlowable, "send event task", `<startEventCorrelationConfiguration>`, `S |§<flowable:startEventCorrelationConfiguration>storeAsUniqueReferenceId</flowable:startEventCorrelationConfiguration>§`},
		{DialectFlowable, "business rule task", `rules, exclude, class`, `<businessRuleTask id="t" §flowable:rules="r"§ flowable:exclude="true"/>`},
		{DialectFlowable, "business rule task", `resultVariable`, `<businessRuleTask id="t" flowable:rules="r" §flowable:resultVariable="x"§/>`},
		{DialectFlowable, "call activity", `<in sourceExpression>`, called + `§<flowable:in sourceExpression="${a}" target="b"/>§</extensionElements></callActivity>`},
		{DialectFlowable, "call activity", `<in variables>`, called + `§<flowable:in variables="all"/>§</extensionElements></callActivity>`},
		{DialectFlowable, "call activity", `<in targetExpression>`, called + `§<flowable:in source="a" targetExpression="${b}"/>§</extensionElements></callActivity>`},
		{DialectFlowable, "call activity", `<in sourceType, targetType>`, called + `<flowable:in source="a" target="b" §sourceType="string"§/></extensionElements></callActivity>`},
		{DialectFlowable, "multi-instance", `<variableAggregation createOverviewVariable>`, loop + `<flowable:variableAggregation target="r" §createOverviewVariable="true"§><flowable:variable source="a"/></flowable:variableAggregation></extensionElements></multiInstanceLoopCharacteristics></task>`},
		{DialectFlowable, "multi-instance", `<variableAggregation storeAsTransientVariable>`, loop + `<flowable:variableAggregation target="r" §storeAsTransientVariable="true"§><flowable:variable source="a"/></flowable:variableAggregation></extensionElements></multiInstanceLoopCharacteristics></task>`},
		{DialectFlowable, "receive task", `skipExpression`, `<receiveTask id="t" messageRef="MS" §flowable:skipExpression="${a}"§/>`},
		{DialectFlowable, "start event", `formFieldValidation`, `S §flowable:formFieldValidation="true"§|`},
		{DialectFlowable, "start event", `sameDeployment`, `S §flowable:sameDeployment="true"§|`},
		{DialectFlowable, "signal event", `async`, `<intermediateThrowEvent id="t"><signalEventDefinition signalRef="SG" §flowable:async="true"§/></intermediateThrowEvent>`},
	}
}
