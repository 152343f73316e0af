/**
 * What a job of the queue `check_results` holds, as Mod-Gearman's send_gearman makes it: lines
 * `key=value`, encrypted, in base64. Mod-Gearman 5 common/gm_crypt.c, neb_module/result_thread.c.
 */
import { createCipheriv } from 'node:crypto';
import type { CheckResult } from '../../result/check-result.ts';
import { escapeOutput } from '../command.ts';

const BLOCK = 16;

/**
 * One result. The module stops at an empty value, so the output comes last.
 * @param output of the result, as returned by `outputOf`, not escaped
 * @param key of 32 bytes; null: not encrypted
 */
export function payloadOf(result: CheckResult, output: string, key: Buffer | null): Buffer {
  const { at, host, service, state } = result;
  const time = `${Math.floor(at / 1000)}.${String(at % 1000).padStart(3, '0')}000`;
  const lines = [
    // By this the module recognises what is not encrypted.
    'type=passive',
    `host_name=${host}`,
    `start_time=${time}`,
    `finish_time=${time}`,
    'latency=0.0',
    `return_code=${state}`,
    'source=denywatch',
    ...(service === '' ? [] : [`service_description=${service}`]),
    `output=${escaped(output)}`,
  ];
  const text = Buffer.from(`${lines.join('\n')}\n\n`);
  return Buffer.from((key === null ? text : encrypt(text, key)).toString('base64'));
}

/**
 * The module turns `\n` into a newline before `\\` into a backslash, so that there is no way to
 * write a backslash before an n: it becomes a slash.
 */
function escaped(output: string): string {
  return escapeOutput(output.replace(/\\(?=n)/g, '/'));
}

/** At least one zero ends the text, and more zeros fill its last block. */
function encrypt(text: Buffer, key: Buffer): Buffer {
  const padded = Buffer.alloc(BLOCK * (Math.floor(text.length / BLOCK) + 1));
  text.copy(padded);
  // ECB neither hides equal blocks nor authenticates the sender: that is the module's choice.
  const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(padded), cipher.final()]);
}
