import { execFileSync } from 'node:child_process';

/** A key and a certificate that it signed itself, for a host name, made by the `openssl` program. */
export function createCertificate(host: string): { key: string; cert: string } {
  const options = `-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=${host}`.split(' ');
  const names = ['-addext', `subjectAltName=DNS:${host}`];
  const pem = execFileSync('openssl', ['req', ...options, ...names, '-keyout', '-', '-out', '-'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [key = '', cert = ''] = pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? [];
  return { key, cert };
}
