import { expose } from 'comlink';
import { keepErrorsWhole } from './protocol.ts';
import { Service } from './service.ts';
import { trustScripts } from './trusted-scripts.ts';

// For the runtime's threads.
trustScripts();
keepErrorsWhole();
expose(new Service());
