// SPDX-License-Identifier: ISC
// Connects to each URL with the pins of CertificatePins, and prints "URL accepted" or "URL refused: why".

import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

public final class PinnedConnection {
	private PinnedConnection() {
	}

	public static void main(String[] urls) throws java.io.IOException {
		OkHttpClient client = new OkHttpClient.Builder()
			.certificatePinner(CertificatePins.pinner())
			.retryOnConnectionFailure(false)
			.build();
		for (String url : urls) {
			Request request = new Request.Builder().url(url).header("Connection", "close").build();
			try (Response response = client.newCall(request).execute()) {
				System.out.println(url + " accepted");
			} catch (SSLPeerUnverifiedException e) {
				System.out.println(url + " refused: " + e.getMessage().split("\n")[0]);
			}
		}
		client.connectionPool().evictAll();
	}
}
