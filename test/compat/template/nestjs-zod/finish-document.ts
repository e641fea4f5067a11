import { cleanupOpenApiDoc } from 'nestjs-zod';

export const finish = cleanupOpenApiDoc;
