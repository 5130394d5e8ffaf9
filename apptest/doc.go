// Package apptest runs the real programs (ingester, cleaner, sink, winnow and a nats-server built
// from its module) as processes and does to them what operations does: kills them, starts two of
// them, takes the broker away. It has only tests.
package apptest
