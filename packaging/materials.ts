/** The list of what the packages contain (CycloneDX), made from npm's list of all. */
import { execFileSync } from 'node:child_process';
import { ROOT } from './build.ts';
import { MADE } from './made.ts';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

export interface Materials {
  serialNumber?: string;
  metadata: { timestamp: string; component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

/** The same for the same source: without a number and a time of its own. */
export function listMaterials(): Materials {
  // From the lock file: Node for the other processor is not installed here. What only builds and
  // tests need is left out below: npm's --omit=dev leaves out yaml, too, which others need as well.
  const words = ['sbom', '--package-lock-only'];
  const format = ['--sbom-format=cyclonedx', '--sbom-type=application'];
  const text = execFileSync('npm', [...words, ...format], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const { serialNumber: _, ...all } = JSON.parse(text) as Materials;
  const components = all.components.filter((it) => !isForDevelopment(it));
  const refs = new Set([all.metadata.component, ...components].map((it) => it['bom-ref']));
  return {
    ...all,
    metadata: { ...all.metadata, timestamp: MADE.toISOString() },
    components,
    dependencies: all.dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((it) => refs.has(it)) })),
  };
}

function isForDevelopment({ properties = [] }: Component): boolean {
  return properties.some((it) => it.name === 'cdx:npm:package:development' && it.value === 'true');
}
