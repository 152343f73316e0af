/** Certificates for servers that tests make themselves. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A self-signed certificate; one for -1 days has expired. */
export function makeCertificate(dir: string, name: string, days: number) {
  const [key, cert] = [join(dir, 'key'), join(dir, 'cert')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const subject = ['-subj', `/CN=${name}`, '-keyout', key];
  const { stdout } = spawnSync('openssl', ['req', '-new', ...curve, ...subject]);
  const sign = ['x509', '-req', '-signkey', key, '-days', String(days), '-out', cert];
  spawnSync('openssl', sign, { input: stdout });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

/** A certification authority of the test's own; `ca` is the path of its certificate. */
export interface Authority {
  readonly ca: string;
  /** Writes `host.key` and `host.pem`, a certificate for this DNS name, into a directory. */
  issue(dir: string, name: string): void;
}

export function makeAuthority(dir: string): Authority {
  const [ca, caKey] = [join(dir, 'ca.pem'), join(dir, 'ca.key')];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync(
    'openssl',
    ['req', '-x509', ...newKey, '-subj', '/CN=CA', '-keyout', caKey, '-out', ca],
    {
      stdio: 'ignore',
    },
  );
  return {
    ca,
    issue: (to, name) => {
      const [key, cert] = [join(to, 'host.key'), join(to, 'host.pem')];
      const named = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
      const signed = ['-x509', '-CA', ca, '-CAkey', caKey, '-keyout', key, '-out', cert];
      execFileSync('openssl', ['req', ...newKey, ...named, ...signed], { stdio: 'ignore' });
    },
  };
}
