import { parentPort } from 'node:worker_threads';
import { serveTeam } from '../../src/engine/team.ts';

/* A thread of Node's that helps an engine. */

serveTeam((handle) => parentPort?.on('message', handle));
