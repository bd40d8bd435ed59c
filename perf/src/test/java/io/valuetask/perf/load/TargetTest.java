package io.valuetask.perf.load;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class TargetTest {
    @ParameterizedTest
    @CsvSource({"tcp://localhost:8007,false,TCP_ECHO,8007,/", "tls://[::1]:1,false,TLS_ECHO,1,/",
        "http://localhost,false,HTTP,80,/", "https://example.org/a?b=c%20d,false,HTTPS,443,/a?b=c%20d",
        "http://localhost:1/x,true,H2C,1,/x", "https://localhost:2,true,H2,2,/"})
    void parse_anAddress_answersItsParts(String text, boolean http2, Target.Protocol protocol, int port,
            String path) {
        Target target = Target.parse(text, http2);
        assertThat(target.protocol()).isEqualTo(protocol);
        assertThat(target.port()).isEqualTo(port);
        assertThat(target.path()).isEqualTo(path);
        assertThat(Target.parse(target.toString(), http2)).isEqualTo(target);
    }

    @Test
    void authority_usualPort_isLeftOut() {
        assertThat(Target.parse("http://example.org/", false).authority()).isEqualTo("example.org");
        assertThat(Target.parse("http://[::1]:81/", false).authority()).isEqualTo("[::1]:81");
    }

    @ParameterizedTest
    @CsvSource({"localhost:80,false,must begin with tcp", "tcp://localhost,false,needs a port",
        "tcp://localhost:1/x,false,has no path", "tcp://localhost:1,true,--http2 is for",
        "http://local host/,false,is no address", "http:///x,false,has no host",
        "tcp://localhost:70000,false,needs a port", "'',false,must begin with"})
    void parse_noAddress_saysWhatIsWrong(String text, boolean http2, String message) {
        assertThatThrownBy(() -> Target.parse(text, http2)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
