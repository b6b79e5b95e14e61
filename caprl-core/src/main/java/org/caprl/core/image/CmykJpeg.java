package org.caprl.core.image;

import java.awt.image.Raster;

/**
 * JPEG files of four components: CMYK or YCCK, as print software writes them. Pillow takes all of them as inverted (Adobe's custom) and
 * ignores their colour profile; ImageIO would take those without Adobe's marker for RGB with alpha.
 */
final class CmykJpeg {
    private static final int YCCK = 2;

    private CmykJpeg() {
    }

    /** Whether these are the bytes of a JPEG file of four components. */
    static boolean is(byte[] bytes) {
        for (int at = firstSegment(bytes); at >= 0; at = nextSegment(bytes, at)) {
            int marker = bytes[at + 1] & 0xff;
            boolean startOfFrame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
            if (startOfFrame) {
                return at + 9 < bytes.length && bytes[at + 9] == 4;
            }
        }
        return false;
    }

    /** RGB of the four components as they are stored. */
    static RgbImage toRgb(Raster raster, byte[] bytes) {
        boolean ycck = adobeTransform(bytes) == YCCK;
        int width = raster.getWidth();
        int[] row = new int[4 * width];
        byte[] rgb = new byte[3 * width * raster.getHeight()];
        int to = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < row.length; x += 4) {
                if (ycck) {
                    fromYcc(row, x);
                }
                // Stored inverted: 255 - component is the ink, the last component the light that black leaves.
                int light = row[x + 3];
                for (int channel = 0; channel < 3; channel++) {
                    rgb[to++] = (byte) (light - divided255((255 - row[x + channel]) * light));
                }
            }
        }
        return new RgbImage(width, raster.getHeight(), rgb);
    }

    /** Luma and chroma to red, green, blue in place, with libjpeg's 16-bit constants. */
    private static void fromYcc(int[] row, int at) {
        int luma = row[at];
        int cb = row[at + 1] - 128;
        int cr = row[at + 2] - 128;
        row[at] = Math.clamp(luma + (91_881 * cr + 32_768 >> 16), 0, 255);
        row[at + 1] = Math.clamp(luma + (-22_554 * cb - 46_802 * cr + 32_768 >> 16), 0, 255);
        row[at + 2] = Math.clamp(luma + (116_130 * cb + 32_768 >> 16), 0, 255);
    }

    private static int divided255(int product) {
        int rounded = product + 128;
        return (rounded >> 8) + rounded >> 8;
    }

    /** The colour transform of Adobe's APP14 segment; -1 without one. */
    private static int adobeTransform(byte[] bytes) {
        for (int at = firstSegment(bytes); at >= 0; at = nextSegment(bytes, at)) {
            boolean adobe = (bytes[at + 1] & 0xff) == 0xee && at + 15 < bytes.length && bytes[at + 4] == 'A' && bytes[at + 5] == 'd'
                    && bytes[at + 6] == 'o' && bytes[at + 7] == 'b' && bytes[at + 8] == 'e';
            if (adobe) {
                return bytes[at + 15];
            }
        }
        return -1;
    }

    private static int firstSegment(byte[] bytes) {
        boolean jpeg = bytes.length > 4 && (bytes[0] & 0xff) == 0xff && (bytes[1] & 0xff) == 0xd8;
        return jpeg ? segmentAt(bytes, 2) : -1;
    }

    private static int nextSegment(byte[] bytes, int at) {
        return segmentAt(bytes, at + 2 + ((bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff));
    }

    /** Where the next marker with a length stands; -1 at the image data or the end. */
    private static int segmentAt(byte[] bytes, int from) {
        int at = from;
        while (at + 3 < bytes.length && (bytes[at] & 0xff) == 0xff && (bytes[at + 1] & 0xff) == 0xff) {
            at++;
        }
        boolean segment = at + 3 < bytes.length && (bytes[at] & 0xff) == 0xff && (bytes[at + 1] & 0xff) != 0xda;
        return segment ? at : -1;
    }
}
