package org.caprl.core.data.synth;

/**
 * One example of the policy's warm start.
 *
 * @param scene    what the image shows
 * @param imageKey how it is drawn, see {@link SceneImage}
 * @param prompt   the user's text, without image mark
 * @param caption  what the policy is to write
 */
public record PolicyExample(Scene scene, long imageKey, String prompt, String caption) {
    /** Draws the image: {@code SceneImage.SIDE} squared pixels, row by row, red, green, blue. */
    public byte[] rgb() {
        return SceneImage.rgb(scene, imageKey);
    }
}
