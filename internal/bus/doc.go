// Package bus is the pipeline's transport: two JetStream streams, RAW and NEWS, on a broker that
// is embedded in the process or external, and the few things the services do with them: publish
// durably (with or without a fence), read in order from a sequence, trim, and keep the positions
// of replays. It is the only package that knows NATS.
package bus
