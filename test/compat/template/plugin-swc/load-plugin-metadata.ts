import { SwaggerModule } from '@nestjs/swagger';
import metadata from './metadata.js';

/** SWC runs no plugin of tsc: `nest build` writes what it finds into a file beside the sources. */
export const loadPluginMetadata = () => SwaggerModule.loadPluginMetadata(metadata);
