import { SwaggerModule } from '@nestjs/swagger';
import metadata from './metadata.js';

/** SWC cannot run plugins of tsc: `nest build` writes their results to a file next to the sources. */
export const loadPluginMetadata = () => SwaggerModule.loadPluginMetadata(metadata);
