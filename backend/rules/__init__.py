"""What may change and how: one function per use case, one transaction each; knows neither GraphQL nor HTTP."""
