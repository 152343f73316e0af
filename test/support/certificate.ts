/** Certificates for servers that tests make themselves. */
import { spawnSync } from 'node:child_process';
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
