// The reference reader and writer of histograms (org.hdrhistogram:HdrHistogram) behind a line
// protocol, for tests: each line of the file that is its argument becomes one line of output.
//
//   read BASE64        what Java finds in a histogram of ours
//   powers N           Java's own histogram of i*i*i*997 ns for i = 1 to N
//   values V V V …     Java's own histogram of these nanoseconds
//   table BASE64       Java's percentile table of a histogram of ours, in milliseconds
//   log FILE           Java's sum of the intervals of a histogram log of ours
//
// Output of table: its lines, joined by '|'. Output otherwise: count p50 p90 p95 p99 p99.9 p100 mean (as raw bits of a double) base64
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

class HdrCheck {
  static final long LONGEST = 3_600_000_000_000L;

  static Histogram read(String text) throws Exception {
    return Histogram.decodeFromCompressedByteBuffer(
        ByteBuffer.wrap(Base64.getDecoder().decode(text)), 0);
  }

  static Histogram answer(String[] words) throws Exception {
    Histogram made = new Histogram(1, LONGEST, 3);
    switch (words[0]) {
      case "read":
        return read(words[1]);
      case "log":
        try (HistogramLogReader log = new HistogramLogReader(words[1])) {
          for (EncodableHistogram h = log.nextIntervalHistogram(); h != null; h = log.nextIntervalHistogram()) {
            made.add((Histogram) h);
          }
        }
        return made;
      case "powers":
        for (long i = 1; i <= Long.parseLong(words[1]); i++) made.recordValue(i * i * i * 997);
        return made;
      case "values":
        for (int i = 1; i < words.length; i++) made.recordValue(Long.parseLong(words[i]));
        return made;
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  static String encoded(Histogram histogram) {
    ByteBuffer bytes = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
    int size = histogram.encodeIntoCompressedByteBuffer(bytes);
    byte[] exact = new byte[size];
    bytes.rewind();
    bytes.get(exact);
    return Base64.getEncoder().encodeToString(exact);
  }

  static String table(String text) throws Exception {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    read(text).outputPercentileDistribution(new java.io.PrintStream(bytes), 5, 1e6);
    return bytes.toString().replace('\n', '|');
  }

  public static void main(String[] arguments) throws Exception {
    for (String line : Files.readAllLines(Path.of(arguments[0]))) {
      if (line.startsWith("table ")) {
        System.out.println(table(line.substring(6)));
        continue;
      }
      Histogram h = answer(line.split(" "));
      StringBuilder out = new StringBuilder().append(h.getTotalCount());
      for (double p : new double[] {50, 90, 95, 99, 99.9, 100}) {
        out.append(' ').append(h.getValueAtPercentile(p));
      }
      out.append(' ').append(Double.doubleToRawLongBits(h.getMean()));
      System.out.println(out.append(' ').append(encoded(h)));
    }
  }
}
