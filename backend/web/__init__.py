"""HTTP beside GraphQL: sign-in cookies, uploads, signed documents, the mailbox, health, the SPA's files."""
