-- Bearer tokens: only the SHA-256 of the secret is kept.
CREATE TABLE access_token (
  tenant text NOT NULL,
  token_id text NOT NULL,
  secret_sha256 bytea NOT NULL UNIQUE,
  role integer NOT NULL,
  label text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (tenant, token_id)
);
