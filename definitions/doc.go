// Package definitions holds what is deployed: the files, an index of the
// versions of each process, and the parsed models.
//
// Deployments are an event stream. A deploy command is prepared ([Prepare]
// parses every file and finds every problem) and decided ([Decide] filters what
// has not changed and gives out versions); the event goes to the definitions
// log, the files, by their digest, to [Resources]. Every node folds the log
// into an [Index], which is small and complete, and keeps parsed models in a
// [Cache] that is bounded in bytes and reads again what it has dropped. The
// [Catalog] puts these together on one node.
//
// The index is a function of the log alone: at equal sequence its
// [Index.Digest] is equal on every node.
package definitions
