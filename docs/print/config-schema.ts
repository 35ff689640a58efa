// Prints docs/config.schema.json, the JSON Schema of configuration files.
import { configJsonSchema } from '../../src/cli/config-schema.ts';
import { printPage } from './printed-page.ts';

printPage('config.schema.json', `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
