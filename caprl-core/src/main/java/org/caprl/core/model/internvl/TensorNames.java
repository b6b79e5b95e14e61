package org.caprl.core.model.internvl;

/**
 * What checkpoints call the weights of vision tower and projector.
 *
 * @param tower       prefix of the vision tower
 * @param classToken  [1, 1, hidden]
 * @param positions   [1, 1 + patches, hidden]
 * @param patches     convolution
 * @param blocks      prefix of a block, without its number
 * @param before      norm before attention
 * @param attention   prefix of attention
 * @param fused       query, key and value in one matrix, or null where each has its own
 * @param out         output projection of attention
 * @param attended    scale of what attention adds
 * @param between     norm before the MLP
 * @param transformed scale of what the MLP adds
 * @param projectNorm norm of shuffled rows
 * @param projectIn   first layer of the projector
 * @param projectOut  second layer of the projector
 */
record TensorNames(String tower, String classToken, String positions, String patches, String blocks, String before, String attention,
        String fused, String out, String attended, String between, String transformed, String projectNorm, String projectIn,
        String projectOut) {
    /** {@code InternVLForConditionalGeneration} of transformers. */
    static final TensorNames PORT = new TensorNames("vision_tower.", "embeddings.cls_token", "embeddings.position_embeddings",
            "embeddings.patch_embeddings.projection", "encoder.layer.", "layernorm_before", "attention.", null, "projection_layer",
            "lambda_1", "layernorm_after", "lambda_2", "multi_modal_projector.layer_norm", "multi_modal_projector.linear_1",
            "multi_modal_projector.linear_2");
    /** The original {@code InternVLChatModel}. */
    static final TensorNames CHAT = new TensorNames("vision_model.", "embeddings.class_embedding", "embeddings.position_embedding",
            "embeddings.patch_embedding", "encoder.layers.", "norm1", "attn.", "qkv", "proj", "ls1", "norm2", "ls2", "mlp1.0", "mlp1.1",
            "mlp1.3");
}
