/** Explains what can go wrong between us and an HTTP server. */
import { answerText } from '../answer.ts';
import { WORDS } from '../connect.ts';
import { MonitorError } from '../error.ts';
import type { HttpOptions } from './client.ts';
import { reasonOf } from '../../text/reason.ts';

/** What Node's errors of connections, TLS and HTTP contain besides the message. */
interface NetworkError extends Error {
  readonly code?: string;
  /** OpenSSL's reason. */
  readonly reason?: string;
  /** The certificate that does not match the name. */
  readonly cert?: { readonly subjectaltname?: string; readonly subject?: { readonly CN?: string } };
}

/** OpenSSL does not find the signer of the certificate. */
const UNKNOWN_CA = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'INVALID_CA',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Explains an error of a connection. */
export function connectionError(
  options: HttpOptions,
  isConnected: boolean,
  thrown: Error,
): MonitorError {
  // With several addresses the reasons are in an AggregateError; the last one is used.
  const error = (thrown instanceof AggregateError ? thrown.errors.at(-1) : thrown) as NetworkError;
  const { code = '' } = error;
  const where = options.place.url.origin;
  const cause = { cause: thrown };
  const certificate = certificateWords(error, options);
  if (certificate !== null) {
    return new MonitorError('tls', `the certificate of ${where} ${certificate}`, cause);
  }
  if (/^ERR_(SSL|TLS|OSSL)|^EPROTO$/.test(code)) return tlsError(error, options);
  if (code === 'HPE_HEADER_OVERFLOW') {
    const text = `${where} answers with a header that does not end; is the URL right?`;
    return new MonitorError('protocol', text, cause);
  }
  if (code.startsWith('HPE_')) {
    const text = `${where} does not answer in HTTP; are http or https, and the port right?`;
    return new MonitorError('protocol', text, cause);
  }
  if (code.startsWith('ERR_PROXY')) {
    const text = `the proxy refuses the connection to ${where}: ${answerText(error.message)}`;
    return new MonitorError('down', text, cause);
  }
  if (isConnected) {
    const text = `${where} broke off the connection; was it stopped or restarted?`;
    return new MonitorError('cut', text, cause);
  }
  const reason = WORDS[code] ?? answerText(reasonOf(error));
  const proxied = Object.keys(options.settings.proxies).length > 0;
  const way = proxied ? ' (a proxy is set in the environment)' : '';
  return new MonitorError('down', `can't connect to ${where}${way}: ${reason}`, cause);
}

/** What is wrong with the server's certificate; null where the error has another cause. */
function certificateWords(
  { code = '', cert }: NetworkError,
  { settings, place }: HttpOptions,
): string | null {
  if (code === 'CERT_HAS_EXPIRED') return 'has expired: have it renewed';
  if (code === 'CERT_NOT_YET_VALID') return 'is not valid yet: are both clocks right?';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const wanted = place.serverName ?? place.url.hostname;
    const [, name] = /^DNS:([^,]*)/.exec(cert?.subjectaltname ?? '') ?? [];
    const theirs = answerText(name ?? cert?.subject?.CN ?? '');
    return `is for ${theirs}, not for ${wanted}: if that is the monitor, set serverName: ${theirs}`;
  }
  if (!UNKNOWN_CA.has(code)) return null;
  return settings.tls.ca === null
    ? "is signed by an unknown CA: name the CA's certificate with ca"
    : 'is not signed by the CA that ca names: is this the file of the monitor?';
}

function tlsError(error: NetworkError, { place, settings }: HttpOptions): MonitorError {
  const { code = '', reason = code } = error;
  const where = place.url.origin;
  const cause = { cause: error };
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|UNEXPECTED_MESSAGE/.test(code)) {
    const text = `${where} does not speak TLS; are https and the port right?`;
    return new MonitorError('tls', text, cause);
  }
  if (/KEY_VALUES_MISMATCH|ERR_OSSL/.test(code)) {
    const text = `cert and key cannot be used (${answerText(reason)}): do they belong together?`;
    return new MonitorError('local', text, cause);
  }
  if (/ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED|UNSUPPORTED_CERT)/.test(code)) {
    const ours =
      settings.tls.client === null
        ? 'requires a client certificate: set cert and key'
        : 'does not accept our certificate: is it signed by its CA, and valid?';
    return new MonitorError('unauthorised', `${where} ${ours}`, cause);
  }
  const text = `no TLS with ${where} (${answerText(reason)}); does it speak TLS 1.2 or newer?`;
  return new MonitorError('tls', text, cause);
}

/**
 * No configured fingerprint matches the certificate.
 * @param fingerprint of the server's certificate; empty where it has none
 */
export function fingerprintError(where: string, fingerprint: string): MonitorError {
  const text = `the certificate of ${where} is not one that fingerprint names: it has ${answerText(fingerprint)}`;
  return new MonitorError('tls', text);
}

/** A redirection is not followed: its target must not get our secrets. */
export function redirectError(where: string, location: string | undefined): MonitorError {
  const text =
    location === undefined
      ? `${where} redirects to nowhere; is the URL right?`
      : `${where} redirects to ${answerText(location)}: give that URL, if it is the monitor's`;
  return new MonitorError('protocol', text);
}

/** Explains a status that comes neither from the protocol nor from the server behind it. */
export function statusError(where: string, status: number): MonitorError {
  if (status === 429 || (status >= 502 && status <= 504)) {
    const text = `${where} takes nothing at the moment (HTTP ${status}); is it starting, or overloaded?`;
    return new MonitorError('busy', text);
  }
  if (status === 407) {
    return new MonitorError('unauthorised', `the proxy to ${where} requires a user and a password`);
  }
  return new MonitorError('protocol', `${where} answers HTTP ${status}; is the URL right?`);
}
