package org.caprl.core.image;

/** The eight EXIF orientations. */
final class Orientation {
    static final int UPRIGHT = 1;

    private Orientation() {
    }

    /** Whether width and height change places. */
    static boolean swapsSides(int orientation) {
        return orientation >= 5 && orientation <= 8;
    }

    /** The image as it is meant to be seen; values outside 2 … 8 change nothing, as in Pillow's {@code exif_transpose}. */
    static RgbImage apply(RgbImage image, int orientation) {
        if (orientation < 2 || orientation > 8) {
            return image;
        }
        int w = image.width();
        int h = image.height();
        boolean swaps = swapsSides(orientation);
        int width = swaps ? h : w;
        int height = swaps ? w : h;
        byte[] in = image.rgb();
        byte[] out = new byte[in.length];
        int to = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int sourceX = switch (orientation) {
                    case 2, 3 -> w - 1 - x;
                    case 4 -> x;
                    case 5, 6 -> y;
                    default -> w - 1 - y;
                };
                int sourceY = switch (orientation) {
                    case 2 -> y;
                    case 3, 4 -> h - 1 - y;
                    case 5, 8 -> x;
                    default -> h - 1 - x;
                };
                int from = (sourceY * w + sourceX) * 3;
                out[to++] = in[from];
                out[to++] = in[from + 1];
                out[to++] = in[from + 2];
            }
        }
        return new RgbImage(width, height, out);
    }
}
