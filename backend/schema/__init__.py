"""The graph: types, inputs, payloads and thin resolvers, that translate rules and reads and decide nothing."""
