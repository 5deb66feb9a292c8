-- Personal data, sealed with a key a subject. Erasing a subject forgets its key.
CREATE TABLE vault_subject (
  tenant text NOT NULL,
  subject_id text NOT NULL,
  -- The person whose erasure takes this one along (a text that the person wrote); null for persons.
  belongs_to text,
  -- The subject's key, sealed with the installation's; null once erased.
  sealed_key bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  erased_at timestamptz,
  PRIMARY KEY (tenant, subject_id),
  CHECK ((sealed_key IS NULL) = (erased_at IS NOT NULL))
);
CREATE INDEX vault_subject_belongs_to ON vault_subject (tenant, belongs_to) WHERE belongs_to IS NOT NULL;
-- One version of a subject: never changed, only erased.
CREATE TABLE vault_entry (
  tenant text NOT NULL,
  subject_id text NOT NULL,
  version integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('details', 'text')),
  -- SHA-256 of the request that stored it, so that a retry finds it.
  request bytea NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant, subject_id, version),
  UNIQUE (tenant, subject_id, request),
  FOREIGN KEY (tenant, subject_id) REFERENCES vault_subject
);
-- Secrets of the installation: what signs links, and the vault's key where none is configured.
CREATE TABLE installation_secret (
  name text PRIMARY KEY,
  value bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
