/** The executable that the package installs, and the environment that its unit gives it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle, EXECUTABLE, makeExecutable, ROOT } from '../../packaging/build.ts';
import { isHere, PROCESSORS } from '../../packaging/node-for.ts';

await bundle();
makeExecutable(PROCESSORS.find(isHere)!, EXECUTABLE);
// A file that was just written is in memory in big pieces, of which a process that touches a bit has
// all: it is read again, as after a boot.
const nocache = ['oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none'];
execFileSync('dd', [`of=${EXECUTABLE}`, ...nocache]);

const unit = readFileSync(join(ROOT, 'systemd/denywatch.service'), 'utf8');
const [, assignments = ''] = /^Environment=(.*)$/m.exec(unit) ?? [];
/** As `denywatch run` has it under systemd. */
export const SERVICE = {
  ...process.env,
  ...Object.fromEntries(
    Array.from(assignments.matchAll(/(\w+)=(\S+)/g), ([, name, value]) => [name, value]),
  ),
};
export { EXECUTABLE };
