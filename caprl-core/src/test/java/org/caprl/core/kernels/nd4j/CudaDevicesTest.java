package org.caprl.core.kernels.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.caprl.core.kernels.nd4j.CudaDevices.Device;
import org.caprl.core.tensor.BackendProvider.Availability;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaDevicesTest {
    @ParameterizedTest
    @CsvSource({"3,0,false", "3,5,false", "3,7,true", "6,1,true", "7,5,true", "8,6,true", "8,9,true", "9,0,false", "10,0,false"})
    void takesWhatTheBinariesHoldCodeFor(int major, int minor, boolean taken) {
        assertEquals(taken, new CudaDevices(List.of(new Device("GPU", major, minor)), "").refusal().isEmpty());
    }

    @Test
    void refusesHopperWithReasonAndCure() {
        Availability refusal = new CudaDevices(List.of(new Device("NVIDIA H100", 9, 0)), "").refusal().orElseThrow();
        assertFalse(refusal.works());
        assertTrue(refusal.reason().startsWith("NVIDIA H100 (compute capability 9.0)"), refusal.reason());
        assertTrue(refusal.reason().contains("3.7 to 8.6") && refusal.reason().contains("no PTX"), refusal.reason());
        assertFalse(refusal.cure().isEmpty());
    }

    @Test
    void asksForOneGpuOfSeveral() {
        Device device = new Device("GPU", 8, 0);
        Availability refusal = new CudaDevices(List.of(device, device), "").refusal().orElseThrow();
        assertEquals("it uses one GPU and sees 2", refusal.reason());
    }

    @Test
    void tellsAMissingDriverFromAMissingGpu() {
        assertEquals("no driver", new CudaDevices(List.of(), "no driver").refusal().orElseThrow().reason());
        assertEquals("the NVIDIA driver lists no GPU", new CudaDevices(List.of(), "").refusal().orElseThrow().reason());
    }
}
