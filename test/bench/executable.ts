/** The executable that the package installs, and the environment that its unit gives it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildExecutable, EXECUTABLE, ROOT } from '../../packaging/build.ts';

await buildExecutable();

const unit = readFileSync(join(ROOT, 'systemd/denywatch.service'), 'utf8');
const [, name = '', value = ''] = /^Environment=(\w+)=(.*)$/m.exec(unit) ?? [];
/** As `denywatch run` has it under systemd. */
export const SERVICE = { ...process.env, [name]: value };
export { EXECUTABLE };
