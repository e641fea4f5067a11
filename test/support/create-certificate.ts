/** A certificate and its private key, in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

// Loaded when it is needed: it has hundreds of files, and most tests that could create a certificate do not.
const loadSelfsigned = () => import('selfsigned');

/** A certificate for a host name, or for an address: signed by an authority, or else by itself. */
export async function createCertificate(host: string, ca?: Certificate): Promise<Certificate> {
  const { generate } = await loadSelfsigned();
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
    ...(ca && { ca }),
  });
  return { key, cert };
}

/** An authority that signs certificates. */
export async function createAuthority(name: string): Promise<Certificate> {
  const { generate } = await loadSelfsigned();
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  return { key, cert };
}
