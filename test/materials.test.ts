import assert from 'node:assert/strict';
import test from 'node:test';
import packageJson from '../package.json' with { type: 'json' };
import { listMaterials } from '../packaging/materials.ts';

test('the list of what the packages contain has every dependency, and Node for each processor', () => {
  const materials = listMaterials();
  const listed = new Set(materials.components.map(({ name, version }) => `${name} ${version}`));
  const { dependencies, optionalDependencies, devDependencies } = packageJson;
  for (const [name, version] of Object.entries({ ...dependencies, ...optionalDependencies }))
    assert.ok(listed.has(`${name} ${version}`), name);
  for (const [name, version] of Object.entries(devDependencies))
    assert.ok(!listed.has(`${name} ${version}`), name);
  assert.deepEqual(materials, listMaterials());
});
