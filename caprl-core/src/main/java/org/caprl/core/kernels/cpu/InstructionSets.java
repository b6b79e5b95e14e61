package org.caprl.core.kernels.cpu;

/** Names of what oneDNN finds in the processor. */
final class InstructionSets {
    private InstructionSets() {
    }

    /** The name of a {@code dnnl_cpu_isa_t}. */
    static String name(int isa) {
        return switch (isa) {
            case 0x1 -> "SSE4.1";
            case 0x3 -> "AVX";
            case 0x7 -> "AVX2";
            case 0xf -> "AVX2 with VNNI";
            case 0x1f -> "AVX2 with VNNI and bf16 conversion";
            case 0x27 -> "AVX-512";
            case 0x67 -> "AVX-512 with VNNI";
            case 0xe7 -> "AVX-512 with bf16";
            case 0x1ef -> "AVX-512 with fp16";
            case 0xfef -> "AMX";
            case 0x1fef -> "AMX with fp16";
            case 0x201ff -> "AVX10.2";
            case 0x22fff -> "AVX10.2 with AMX";
            default -> "instruction set 0x" + Integer.toHexString(isa);
        };
    }
}
