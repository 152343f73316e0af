/**
 * Icinga 2's answers to a check result: `{"results":[{"code":200,"status":"Successfully …"}]}`, or
 * `{"error":404,"status":"No objects found."}`. From lib/remote/actionshandler.cpp and
 * lib/icinga/apiactions.cpp of 2.11 to 2.16; the statements about 2.13 were tested.
 */
import { answerText } from '../answer.ts';
import { MonitorError } from '../error.ts';
import type { HttpAnswer } from '../http/client.ts';
import { statusError } from '../http/errors.ts';
import { TAKEN, type Service, type Verdict } from '../monitor.ts';

interface Said {
  /** Whether it is about the object rather than the whole request. */
  readonly ofObject: boolean;
  readonly code: number;
  /** Not cleaned yet. */
  readonly status: string;
}

/** Icinga's name for it: `host!service`, or the host. */
export function objectName({ host, service }: Service): string {
  return service === '' ? host : `${host}!${service}`;
}

/**
 * The verdict on a result.
 * @throws MonitorError where the answer is about more than this result
 */
export function verdictOf(answer: HttpAnswer, where: string, result: Service): Verdict {
  const said = whatIsSaid(answer, where);
  const name = objectName(result);
  const { ofObject, code, status } = said;
  // It also answers 200 for what it ignores.
  if (ofObject && code === 200 && status.startsWith('Successfully processed')) return TAKEN;
  if (code === 200) return refused(`Icinga did not take it: ${answerText(status)}`);
  if (code === 503) throw statusError(where, code);
  if (code === 404) return refused(`Icinga does not know ${name} (or the user may not see it)`);
  if (ofObject && code === 403) return refused(`Icinga takes no passive results for ${name}`);
  if (ofObject || code === 400) return refused(`Icinga refuses it: ${answerText(status)}`);
  throw errorOf(said, where);
}

/** What Icinga reports of a service; `active`: it takes no passive results for it. */
export type Known = 'known' | 'unknown' | 'active';

/** Interprets the answer to a request without an exit status, which changes nothing. */
export function knownBy(answer: HttpAnswer, where: string): Known {
  const said = whatIsSaid(answer, where);
  // Icinga requests the parameter when it has found the object, with code 400; with 403 before
  // 2.11.
  if (said.ofObject && said.status.includes("'exit_status'")) return 'known';
  if (said.ofObject && said.code === 403) return 'active';
  if (said.code === 404) return 'unknown';
  throw errorOf(said, where);
}

/** Icinga's version and the permissions of our user: GET /v1. */
export interface Info {
  /** `r2.13.6-1` */
  readonly version: string;
  readonly permissions: readonly string[];
}

/**
 * Interprets the answer to GET /v1.
 * @throws MonitorError where Icinga does not let us in, or the server is not Icinga
 */
export function infoOf(answer: HttpAnswer, where: string): Info {
  if (answer.status !== 200) throw errorOf(whatIsSaid(answer, where), where);
  const [info] = (parsed(answer)?.['results'] ?? []) as Partial<Info>[];
  if (!Array.isArray(info?.permissions)) throw notIcinga(answer, where);
  return {
    version: answerText(String(info.version)),
    permissions: info.permissions.map(String),
  };
}

function refused(reason: string): Verdict {
  return { kind: 'refused', reason };
}

function whatIsSaid(answer: HttpAnswer, where: string): Said {
  const body = parsed(answer);
  const [result] = Array.isArray(body?.['results']) ? (body['results'] as unknown[]) : [];
  const { code, status } = (result ?? {}) as { code?: unknown; status?: unknown };
  if (typeof code === 'number') return { ofObject: true, code, status: String(status) };
  if (typeof body?.['error'] === 'number') {
    return { ofObject: false, code: body['error'], status: String(body['status']) };
  }
  // Version 2.13 answers a wrong password in HTML unless JSON is requested.
  if (answer.status === 401) return { ofObject: false, code: 401, status: '' };
  throw notIcinga(answer, where);
}

function parsed({ body }: HttpAnswer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function notIcinga({ status, type }: HttpAnswer, where: string): MonitorError {
  if (status !== 200) return statusError(where, status);
  const kind = type === '' ? 'something' : answerText(type);
  const text = `${where} answers ${kind} that is not Icinga's; is the URL right?`;
  return new MonitorError('protocol', text);
}

function errorOf({ code, status }: Said, where: string): MonitorError {
  if (code === 401) {
    const text = `${where} refuses the login: is the user an ApiUser there, and the password right?`;
    return new MonitorError('unauthorised', text);
  }
  if (code === 403) {
    const text = `${where} does not permit it: ${answerText(status)}`;
    return new MonitorError('unauthorised', text);
  }
  if (code === 503) return statusError(where, code);
  const text = `${where} answers ${code}: ${answerText(status)}; is it an Icinga 2?`;
  return new MonitorError('protocol', text);
}
