package commands

import (
	"encoding/json"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/weir-bpm/weir/events"
)

// Deploy asks to deploy files. It is published on weir.deploy.<tenant>.<id>,
// where the id, a ULID, is that of the deployment.
type Deploy struct {
	// Name is a label for people.
	Name      string           `json:"name,omitempty" msgpack:"name,omitempty"`
	Resources []DeployResource `json:"resources" msgpack:"resources"`
	// Dialect decides, instead of the models' own, where two dialects say
	// different things: camunda, zeebe or flowable.
	Dialect string `json:"dialect,omitempty" msgpack:"dialect,omitempty"`
	// ClassMap gives job types in place of Java classes, beans and connectors:
	// "com.acme.X" to "job:type".
	ClassMap map[string]string `json:"class_map,omitempty" msgpack:"class_map,omitempty"`
	// Options choose where a dialect's own rule is not wanted; `weir deploy
	// --help` lists them.
	Options map[string]string `json:"options,omitempty" msgpack:"options,omitempty"`
}

// DeployResource is one file; in JSON its content is base64.
type DeployResource struct {
	Name    string `json:"name" msgpack:"name"`
	Content []byte `json:"content" msgpack:"content"`
}

// DeployResult is the answer to a deployment.
type DeployResult struct {
	Code         Code   `json:"code,omitempty" msgpack:"code,omitempty"`
	Message      string `json:"message,omitempty" msgpack:"message,omitempty"`
	DeploymentID string `json:"deployment_id,omitempty" msgpack:"deployment_id,omitempty"`
	// Unchanged says that every file equals the latest of its name; the
	// deployment is the one that exists.
	Unchanged bool `json:"unchanged,omitempty" msgpack:"unchanged,omitempty"`
	// DeploySeq is the deploy sequence; commands that name it are decided with
	// this deployment or a newer one.
	DeploySeq uint64                      `json:"deploy_seq,omitempty" msgpack:"deploy_seq,omitempty"`
	Processes []events.DeployedDefinition `json:"processes,omitempty" msgpack:"processes,omitempty"`
	Decisions []events.DeployedDecision   `json:"decisions,omitempty" msgpack:"decisions,omitempty"`
	Resources []events.DeployedResource   `json:"resources,omitempty" msgpack:"resources,omitempty"`
	Problems  []Problem                   `json:"problems,omitempty" msgpack:"problems,omitempty"`
}

// Problem is one finding about a deployed file.
type Problem struct {
	File      string `json:"file" msgpack:"file"`
	ElementID string `json:"element_id,omitempty" msgpack:"element_id,omitempty"`
	Line      int    `json:"line,omitempty" msgpack:"line,omitempty"`
	// Severity is error or warning; only errors refuse a deployment.
	Severity string `json:"severity" msgpack:"severity"`
	Code     string `json:"code" msgpack:"code"`
	Message  string `json:"message" msgpack:"message"`
}

// Err returns the rejection, or nil if the deployment was accepted.
func (r *DeployResult) Err() error {
	if r.Code == "" {
		return nil
	}
	return &Error{Code: r.Code, Message: r.Message}
}

// DecodeDeploy reads the payload of a deploy command. Its errors are *Error.
func DecodeDeploy(contentType string, data []byte) (*Deploy, error) {
	isJSON, err := jsonContent(contentType, data)
	if err != nil {
		return nil, err
	}
	d := new(Deploy)
	if isJSON {
		err = decodeJSON(data, d)
	} else {
		err = decodeMsgpack(data, d)
	}
	if err != nil {
		return nil, Reject(CodeCommandUnreadable, "the payload of deploy cannot be read: %v", err)
	}
	return d, nil
}

// EncodeDeployResult writes an answer in the content type of its command.
func EncodeDeployResult(r *DeployResult, asJSON bool) ([]byte, error) {
	if asJSON {
		return json.Marshal(r)
	}
	return msgpack.Marshal(r)
}

// DecodeDeployResult reads an answer in either content type.
func DecodeDeployResult(data []byte) (*DeployResult, error) {
	r := new(DeployResult)
	if len(data) > 0 && data[0] == '{' {
		return r, json.Unmarshal(data, r)
	}
	return r, msgpack.Unmarshal(data, r)
}
