import { expose } from 'comlink';
import { keepErrorsWhole } from './protocol.ts';
import { Service } from './service.ts';

keepErrorsWhole();
expose(new Service());
