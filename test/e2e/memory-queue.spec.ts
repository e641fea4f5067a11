import { memoryQueue } from 'nestjs-callbacks';
import { checkQueue } from '../support/check-queue.js';

checkQueue('the queue in memory', { storage: () => () => memoryQueue(), durable: false });
