// Odd identifiers, cycles of foreign keys, an empty table, and the edges of every everyday type.
import { SHOP } from '../support/databases.ts';
import { carriesOverAllPairs } from './carry.ts';

carriesOverAllPairs('the odd shop', SHOP);
