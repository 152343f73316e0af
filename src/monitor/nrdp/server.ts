/** The NRDP server. Loaded when it is first used: the HTTP client takes memory. */
import type { CheckResult } from '../../result/check-result.ts';
import { answerText } from '../answer.ts';
import { reasonAgainst } from '../command.ts';
import { HttpClient } from '../http/client.ts';
import { authorization, sessionOf } from '../http/session.ts';
import { TAKEN, type Session } from '../monitor.ts';
import { allTaken, succeeded, takesNothing, type Exchange } from './answer.ts';
import type { NrdpSettings } from './config.ts';
import { formOf, jsonOf, xmlOf } from './form.ts';
import { nrdpProtocol } from './protocol.ts';

export class Server {
  readonly #client: HttpClient;
  readonly #settings: NrdpSettings;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(settings: NrdpSettings) {
    const { places, basic } = settings;
    this.#settings = settings;
    this.#client = new HttpClient({ settings, place: places[0]!, connections: 1 });
    this.#headers = {
      'Content-Type': 'application/x-www-form-urlencoded',
      ...(basic !== null && { Authorization: authorization(basic.user, basic.password) }),
    };
  }

  /** The server, for messages. */
  get where(): string {
    return this.#client.where;
  }

  close(): void {
    this.#client.close();
  }

  /** Finds out whether it is an NRDP, and returns its version; does not check the token. */
  async greet(signal: AbortSignal): Promise<string> {
    return answerText(succeeded(await this.#post({ cmd: 'hello' }, 0, signal)).version);
  }

  /** Finds out whether it accepts the token, with an empty list of results. */
  async offer(signal: AbortSignal): Promise<void> {
    const fields = { cmd: 'submitcheck', token: this.#token, XMLDATA: xmlOf([], 0) };
    takesNothing(await this.#post(fields, 0, signal));
  }

  async open(signal: AbortSignal): Promise<Session> {
    try {
      await this.greet(signal);
    } catch (error) {
      this.close();
      throw error;
    }
    return sessionOf(this.#client, nrdpProtocol, signal, async (results, onVerdict, { over }) => {
      const [fit, refused] = partition(results);
      for (const { result, reason } of refused) onVerdict(result, { kind: 'refused', reason });
      if (fit.length === 0) return;
      const [name, data] =
        this.#settings.format === 'json'
          ? ['JSONDATA', jsonOf(fit, Date.now())]
          : ['XMLDATA', xmlOf(fit, Date.now())];
      const fields = { cmd: 'submitcheck', token: this.#token, [name]: data };
      allTaken(await this.#post(fields, fit.length, over));
      for (const result of fit) onVerdict(result, TAKEN);
    });
  }

  get #token(): string {
    return this.#settings.token.toString();
  }

  /** In the body: URLs get into access logs. */
  async #post(
    fields: Readonly<Record<string, string>>,
    count: number,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const body = formOf(fields);
    const headers = this.#headers;
    const answer = await this.#client.request({ method: 'POST', path: '', headers, body }, signal);
    const { format, basic } = this.#settings;
    return { answer, where: this.where, format, basic: basic !== null, count, size: body.length };
  }
}

/** The results that NRDP can carry, and those that it cannot, with the reason. */
function partition<R extends CheckResult>(results: readonly R[]) {
  const fit: R[] = [];
  const refused: { readonly result: R; readonly reason: string }[] = [];
  for (const result of results) {
    const reason = reasonAgainst(result, nrdpProtocol.limits);
    if (reason === null) fit.push(result);
    else refused.push({ result, reason });
  }
  return [fit, refused] as const;
}
