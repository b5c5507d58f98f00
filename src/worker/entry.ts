import { expose } from 'comlink';
import { serveAsThread } from '../runtime/backend/engine-threads.ts';
import { keepErrorsWhole } from './protocol.ts';
import { Service } from './service.ts';
import { trustScripts } from './trusted-scripts.ts';

if (!serveAsThread()) {
  // For the threads of the engine, and the runtime's.
  trustScripts();
  keepErrorsWhole();
  expose(new Service());
}
