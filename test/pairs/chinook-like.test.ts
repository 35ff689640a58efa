// A music shop with keys of every everyday kind arrives whole in every engine from every engine.
import { carriesOverAllPairs } from './carry.ts';
import { MUSIC_SHOP } from './chinook-like.ts';

carriesOverAllPairs('a music shop', MUSIC_SHOP);
