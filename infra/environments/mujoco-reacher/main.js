// SPDX-License-Identifier: Apache-2.0
//
// node main.js [--port N] [--copies N] [--end-with-input]
import { parseArgs } from 'node:util';
import loadMujoco from '@mujoco/mujoco';
import { Reacher, loadModel } from './reacher.js';
import { environmentServer } from './server.js';

const HOST = '127.0.0.1';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    copies: { type: 'string', default: '8' },
    'end-with-input': { type: 'boolean', default: false },
  },
});
const port = number('port', 0, 65535);
const copies = number('copies', 1, 65536);

function number(option, least, most) {
  const value = Number(values[option]);
  if (!Number.isInteger(value) || value < least || value > most) {
    fail(`--${option}: got ${values[option]}, expected ${least} to ${most}`);
  }
  return value;
}

function fail(reason) {
  console.error(`favstream: ${reason}`);
  process.exit(1);
}

if (values['end-with-input']) {
  process.stdin.on('end', () => process.exit(0)).resume();
}
const mujoco = await loadMujoco();
const model = loadModel(mujoco);
const server = environmentServer(() => new Reacher(mujoco, model, copies));
server.on('error', (fault) =>
  fail(fault.code === 'EADDRINUSE'
    ? `${HOST}:${port} is in use; --port 0 takes any free one`
    : fault.message));
server.listen(port, HOST, () => console.log(`listening on ${HOST}:${server.address().port}`));
