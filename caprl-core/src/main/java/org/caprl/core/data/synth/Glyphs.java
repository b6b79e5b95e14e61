package org.caprl.core.data.synth;

import java.util.Map;

/** A bitmap font of 5 x 7 points for the digits and initials of charts. */
final class Glyphs {
    static final int WIDTH = 5;
    static final int HEIGHT = 7;

    private static final Map<Character, String> ROWS = Map.ofEntries(
            Map.entry('1', "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###."),
            Map.entry('2', ".###. #...# ....# ...#. ..#.. .#... #####"),
            Map.entry('3', "####. ....# ....# .###. ....# ....# ####."),
            Map.entry('4', "...#. ..##. .#.#. #..#. ##### ...#. ...#."),
            Map.entry('5', "##### #.... ####. ....# ....# #...# .###."),
            Map.entry('6', "..##. .#... #.... ####. #...# #...# .###."),
            Map.entry('7', "##### ....# ...#. ..#.. .#... .#... .#..."),
            Map.entry('8', ".###. #...# #...# .###. #...# #...# .###."),
            Map.entry('9', ".###. #...# #...# .#### ....# ...#. .##.."),
            Map.entry('T', "##### ..#.. ..#.. ..#.. ..#.. ..#.. ..#.."),
            Map.entry('M', "#...# ##.## #.#.# #.#.# #...# #...# #...#"),
            Map.entry('R', "####. #...# #...# ####. #.#.. #..#. #...#"),
            Map.entry('S', ".#### #.... #.... .###. ....# ....# ####."),
            Map.entry('L', "#.... #.... #.... #.... #.... #.... #####"),
            Map.entry('O', ".###. #...# #...# #...# #...# #...# .###."));

    private Glyphs() {
    }

    /** Whether the point is ink. */
    static boolean ink(char glyph, int x, int y) {
        return ROWS.get(glyph).charAt(y * (WIDTH + 1) + x) == '#';
    }
}
